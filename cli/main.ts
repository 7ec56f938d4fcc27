import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { createCall } from './call.ts'
import { coloursFor } from './colours.ts'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'
import { createProgram, wrongCall } from './program.ts'
import type { CommandResult } from './result.ts'
import { table } from './table.ts'

/** Runs the command line and says the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  endWithTheReader()
  const { env } = process
  const colours = coloursFor(process.stdout, env)
  let complaint = ''
  let result: CommandResult = { exitCode: 0 }
  const program = createProgram(table, {
    version: version(),
    env,
    colours,
    writeErr: text => {
      complaint += text
    },
    run: async (row, parsed) => {
      result = await row.run(createCall(row, parsed, { env, colours, table }))
    },
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    // Commander has printed help or version; anything else of it is a wrong call.
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.stderr.write(complaint)
      return 2
    }
    const failed = error instanceof CommanderError ? wrongCall(complaint) : error
    if (!(failed instanceof Failure)) throw failed
    process.stderr.write(printed(failed, wantsJson(args)))
    return failed.exitCode
  }
  if (result.stderr !== undefined) process.stderr.write(result.stderr)
  if (result.stdout !== undefined) process.stdout.write(result.stdout)
  return result.exitCode
}

/** A call that was not understood has no options yet. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).includes('--json')
}

function printed(failed: Failure, json: boolean): string {
  if (json) return `${JSON.stringify(failed, undefined, 2)}\n`
  const { paint } = coloursFor(process.stderr, process.env)
  // What a server says is a stranger's text.
  return `${printable(failed.message).replace(failed.code, paint('red', failed.code))}\n`
}

function version(): string {
  const file = new URL('./package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** The reader of a pipe may have seen enough: `mmf-cli audit export signatures | head`. */
function endWithTheReader(): void {
  if (process.stdout.listenerCount('error') > 0) return
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2))
