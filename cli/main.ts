import { Command, CommanderError } from 'commander'
import { certGroup } from './groups/cert.ts'
import { configGroup } from './groups/config.ts'
import { eventsGroup } from './groups/events.ts'
import type { CommandGroup } from './groups/group.ts'
import { pkdGroup } from './groups/pkd.ts'
import { tokenGroup } from './groups/token.ts'
import { trustGroup } from './groups/trust.ts'
import type { CommandResult } from './result.ts'

const groups: readonly CommandGroup[] = [tokenGroup, configGroup, certGroup, pkdGroup, trustGroup, eventsGroup]

/** Builds the command line; `done` receives what a command answers. */
function program(done: (result: CommandResult) => void): Command {
  const cli = new Command('mmf-cli')
    .description('Configuration, tokens, certificates and events of Marty and MMF')
    .exitOverride()
  for (const group of groups) group(cli, done)
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
