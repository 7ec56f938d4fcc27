// `npm start` in one process, with `exec` before it in package.json: a shell in between would keep SIGTERM to itself and leave this running.
// Plain JavaScript, because the version check comes first.
import './check-node.mjs'

// What was compiled, and stripped of its types, is kept: the next start takes half the time. Where it cannot be kept, nothing is lost but that.
const { enableCompileCache, flushCompileCache } = await import('node:module')
const { fileURLToPath } = await import('node:url')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))

const { buildForStart } = await import('./build.ts')
if (await buildForStart()) {
  const { serve } = await import('../infra/local/main.ts')
  await serve(process.argv.slice(2))
  flushCompileCache()
} else {
  process.exitCode = 1
}
