import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../docs/pages.ts'
import { childEnvironment } from '../../support/child-environment.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  /** The environment, beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
}

/** Runs `mmf-cli` as a process, as its bin entry does. */
export async function runCli(args: readonly string[], { env = {}, input, cwd = root }: CliOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'cli/bin/mmf-cli.mjs'), ...args], {
    cwd,
    env: { ...childEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const read = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => (read.stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (read.stderr += text))
  // A command that refuses its call does not read what is sent to it.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, ...read }
}
