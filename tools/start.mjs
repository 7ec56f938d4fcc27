// `npm start` in one process, with `exec` before it in package.json: a shell in between would keep SIGTERM to itself and leave this running.
// Plain JavaScript, because the version check comes first.
import './check-node.mjs'

// What was compiled, and stripped of its types, is kept: the next start takes half the time. Where it cannot be kept, nothing is lost but that.
const { enableCompileCache, flushCompileCache } = await import('node:module')
const { fileURLToPath } = await import('node:url')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))

const { stop } = await import('esbuild')
const { runBuild } = await import('./build.ts')
// A plugin that is broken is left out: it is shown in /health, and the others serve.
if (await runBuild({ withoutBroken: true })) {
  await stop()
  await import('../infra/local/main.ts')
  flushCompileCache()
} else {
  process.exitCode = 1
}
