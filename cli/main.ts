import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { token } from './commands/token.ts'
import type { CommandResult } from './result.ts'

const list = (value: string) =>
  value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')

function wholeSeconds(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('a whole number of seconds is expected')
  return Number(value)
}

/** Builds the command line; `done` receives what a command answers. */
function program(done: (result: CommandResult) => void): Command {
  const cli = new Command('mmf-cli').description('Configuration, tokens and certificates of Marty and MMF').exitOverride()

  cli
    .command('token')
    .description('print a token of the local issuer (development only)')
    .option('--subject <name>', 'the `sub` of the token', 'developer')
    .option('--roles <names>', 'comma-separated roles', list, [])
    .option('--permissions <names>', 'comma-separated permissions', list, [])
    .option('--ttl <seconds>', 'life time, 1 to 86400', wholeSeconds, 3600)
    .option('--data-dir <folder>', 'data folder of the local platform', process.env['MARTY_DATA_DIR'] ?? '.marty')
    .action(({ subject, roles, permissions, ttl, dataDir }) =>
      done(token({ subject, roles, permissions, ttlSeconds: ttl, dataDirectory: dataDir })),
    )

  return cli
}

/** Runs the command line and says the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let result: CommandResult = { exitCode: 0 }
  try {
    await program(answer => {
      result = answer
    }).parseAsync([...args], { from: 'user' })
  } catch (error) {
    // Commander has printed its message; a wrong call is 2, help and version are 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  if (result.stderr !== undefined) process.stderr.write(result.stderr)
  if (result.stdout !== undefined) process.stdout.write(result.stdout)
  return result.exitCode
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2))
