// `npm start` in one process, with `exec` before it in package.json: a shell in between would keep SIGTERM to itself and leave this running.
// Plain JavaScript, because the version check comes first.
import './check-node.mjs'

const { stop } = await import('esbuild')
const { runBuild } = await import('./build.ts')
if (await runBuild()) {
  await stop()
  await import('../infra/local/main.ts')
} else {
  process.exitCode = 1
}
