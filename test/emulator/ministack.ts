import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../tools/build/paths.ts'

const pinned = ['ministack==1.5.33', 'cryptography==50.0.2']
const startTimeoutMs = 30_000

/** A running emulator of AWS. */
export interface Emulator {
  readonly endpoint: string
  /** Where its output goes. */
  readonly log: string
  /** Ends it with all that it started, and removes its folders. */
  stop(): Promise<void>
}

/** What an installation gave: the Python to run it with, or why there is none. */
export type Installation = { readonly python: string } | { readonly missing: string }

/** Installs the pinned emulator in a virtual environment of its own, unless it is there. */
export function installEmulator(): Installation {
  const venv = join(root, '.tmp/ministack/venv')
  const python = join(venv, 'bin/python')
  const freeze = () => spawnSync(python, ['-m', 'pip', 'freeze'], { encoding: 'utf8' }).stdout.split('\n')
  if (existsSync(python) && pinned.every(name => freeze().includes(name))) return { python }
  mkdirSync(dirname(venv), { recursive: true })
  const steps = [
    ['python3', '-m', 'venv', venv],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pinned],
  ]
  for (const [command = '', ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 240_000 })
    if (error === undefined && status === 0) continue
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`
    return { missing: `${[command, ...args.slice(0, 3)].join(' ')}: ${reason}` }
  }
  return { python }
}

export interface EmulatorOptions {
  readonly python: string
  /** Certificates that the functions trust beside the usual ones, a PEM file. */
  readonly trust: string
}

/** Starts it on a free port of loopback, with its own folders for data and temporary files. @throws with the end of its output when it does not start */
export async function startEmulator({ python, trust }: EmulatorOptions): Promise<Emulator> {
  const port = await freePort()
  // Outside the repository, whose node_modules would stand in for the layer.
  const folder = mkdtempSync(join(tmpdir(), 'ministack-'))
  const log = join(root, '.tmp/ministack/last.log')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const output = openSync(log, 'w')
  // Its environment is that of the functions too: nothing of the caller's gets in.
  const child = spawn(python, [join(import.meta.dirname, 'launch_ministack.py')], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
      HOME: folder,
      TMPDIR: temporary,
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      MINISTACK_REGION: 'eu-west-1',
      LOG_LEVEL: 'INFO',
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.2',
      NODE_OPTIONS: '--no-experimental-require-module',
      NODE_EXTRA_CA_CERTS: trust,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    },
  })
  closeSync(output)
  const ended = once(child, 'exit')
  const stop = async () => {
    // The group, so that the workers of functions end with it.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    const forced = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), 5000)
    await ended
    clearTimeout(forced)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const endpoint = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startTimeoutMs
  while (!(await answers(`${endpoint}/_ministack/health`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`the emulator did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
    }
    await new Promise(resume => setTimeout(resume, 100))
  }
  return { endpoint, log, stop }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    response => response.ok,
    () => false,
  )

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
