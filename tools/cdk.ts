import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './build/paths.ts'

/** Runs the pinned CDK CLI. It sends no notice that it ran and does not look for newer versions. */
const child = spawn(process.execPath, [join(root, 'node_modules/aws-cdk/bin/cdk'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1', CDK_DISABLE_VERSION_CHECK: '1' },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})
