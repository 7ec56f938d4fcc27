import { spawn } from 'node:child_process'
import { failure } from '../failure.ts'

/** Time for a token command, in milliseconds. */
const timeoutMs = 30_000

/** What an API takes as a token at most, in bytes. */
const maxTokenBytes = 8192

/**
 * Runs a token command in a shell and gives what it prints: one line. Neither its output nor its standard error is shown anywhere, in no failure
 * either: a token may be in both.
 * @throws {Failure} `token_command_failed`
 */
export async function tokenFrom(command: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'ignore'] })
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    // What the shell has started may hold the pipe for longer.
    child.stdout.destroy()
  }, timeoutMs)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (printed.length <= maxTokenBytes) printed += text
  })
  const ended = await new Promise<string | undefined>(resolve => {
    child.once('error', error => resolve(`it cannot be started (${'code' in error ? error.code : error.name})`))
    child.once('close', (code, signal) => {
      if (signal !== null) resolve(`it was ended by ${signal}; it has ${timeoutMs / 1000} seconds`)
      else resolve(code === 0 ? undefined : `it ended with exit code ${code}`)
    })
  })
  clearTimeout(timer)
  if (ended !== undefined) throw failure('token_command_failed', `${ended}; what it printed is not shown`)
  const token = printed.replace(/\r?\n$/, '')
  if (token === '') throw failure('token_command_failed', 'it printed nothing')
  if (token.length > maxTokenBytes || !/^[\x21-\x7e]+$/.test(token)) {
    throw failure(
      'token_command_failed',
      `what it printed is no token: one line without spaces, at most ${maxTokenBytes} bytes`,
    )
  }
  return token
}
