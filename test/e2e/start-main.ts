import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { childEnvironment } from '../support/child-environment.ts'

export const root = resolve(import.meta.dirname, '../..')

export interface Running {
  readonly url: string
  readonly child: ChildProcess
  /** Everything that it has printed. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Sends the signal and waits for the end. The exit code, or null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder for data, and what removes it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'marty-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface LaunchOptions {
  /** A file that takes what it prints, at its end, instead of a pipe. */
  readonly log?: string
  /** A program with arguments that runs the rest of the command line, such as `setpriv`. */
  readonly through?: readonly string[]
  /** What is run. Default `infra/local/main.ts`; `tools/start.mjs` builds before. */
  readonly main?: string
  /** What stands behind it on the command line, such as `--watch`. */
  readonly args?: readonly string[]
}

/** Longest wait for the first answer, in milliseconds: RSA keys are made before, and how long that takes is luck. */
const startTimeoutMs = 30_000

/** Runs `infra/local/main.ts` as `npm start` does, and waits until it says where it answers. @throws when it ends before */
export async function startMain(env: Readonly<Record<string, string>>, options: LaunchOptions = {}): Promise<Running> {
  const started = launch(env, options)
  const { child } = started
  try {
    const url = await addressOf(started)
    return {
      ...started,
      url,
      async stop(signal = 'SIGTERM') {
        const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
        child.kill(signal)
        await ended
        return child.exitCode
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** Runs `infra/local/main.ts` where it is expected to refuse to start. */
export async function runMain(env: Readonly<Record<string, string>>, options: LaunchOptions = {}): Promise<Ended> {
  const { child, stdout, stderr } = launch(env, options)
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, stdout: stdout(), stderr: stderr() }
}

function launch(
  env: Readonly<Record<string, string>>,
  { log, through = [], main = 'infra/local/main.ts', args: more = [] }: LaunchOptions,
) {
  const [command = '', ...args] = [...through, process.execPath, main, ...more]
  const output = log === undefined ? 'pipe' : openSync(log, 'a')
  const child = spawn(command, args, {
    cwd: root,
    env: { ...childEnvironment(), HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', output, 'pipe'],
  })
  if (typeof output === 'number') closeSync(output)
  const read = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    read.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    read.stderr += text
  })
  const stdout = log === undefined ? () => read.stdout : () => readFileSync(log, 'utf8')
  return { child, stdout, stderr: () => read.stderr }
}

async function addressOf({ child, stdout, stderr }: ReturnType<typeof launch>): Promise<string> {
  const deadline = performance.now() + startTimeoutMs
  while (performance.now() < deadline) {
    // The banner is printed as a whole: its last line is there when all is.
    const url = /^Marty answers at (https?:\/\/\S+)$[\s\S]*^Ctrl-C stops it/m.exec(stdout())?.[1]
    if (url !== undefined) return url
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${stderr()}`)
    await new Promise(done => setTimeout(done, 20))
  }
  throw new Error(`no answer within ${startTimeoutMs} ms: ${stdout()}${stderr()}`)
}
