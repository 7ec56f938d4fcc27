// `npm start` in one process, so that a signal to it reaches the platform: a shell between them would swallow SIGTERM.
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
