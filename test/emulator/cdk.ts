import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/build/paths.ts'

/** What ran, and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

const region = 'eu-west-1'

/** The variables by which the stock CDK CLI and the SDKs find the emulator and no other place. @throws for an endpoint that is not on loopback */
export function emulated(endpoint: string): Record<string, string> {
  const { hostname } = new URL(endpoint)
  if (hostname !== '127.0.0.1') throw new Error(`${endpoint} is not on loopback: nothing is deployed there`)
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

const tooLongMs = 180_000

/** Runs a command of the repository as a deployer does, with these variables and none of the caller's. */
export async function run(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: tooLongMs,
    env: {
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
      HOME: process.env['HOME'] ?? root,
      CDK_DISABLE_CLI_TELEMETRY: '1',
      CDK_DISABLE_VERSION_CHECK: '1',
      NO_COLOR: '1',
      CI: '1',
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, output }
}

/** The outputs of a deployment, by their name, whichever stack they are of. @throws with what was printed when it ended in an error */
export async function deploy(
  environment: string,
  env: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(root, '.tmp/outputs-'))
  try {
    const outputs = join(folder, 'outputs.json')
    const args = ['--context', `env=${environment}`, '--require-approval', 'never', '--outputs-file', outputs]
    const { code, output } = await run(['cdk', 'deploy', ...args, '--output', join(folder, 'cdk.out'), ...more], env)
    if (code !== 0) throw new Error(`cdk deploy ended with ${code}:\n${output.slice(-6000)}`)
    const stacks = JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>
    return Object.assign({}, ...Object.values(stacks))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
