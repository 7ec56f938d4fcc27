import { Command, CommanderError } from 'commander'
import type { CommandGroup } from './groups/group.ts'
import type { CommandResult } from './result.ts'

/** By the first word of a call. A group is loaded when it is called: some need the whole platform, others nothing of it. */
const groups: Readonly<Record<string, () => Promise<CommandGroup>>> = {
  token: async () => (await import('./groups/token.ts')).tokenGroup,
  config: async () => (await import('./groups/config.ts')).configGroup,
  cert: async () => (await import('./groups/cert.ts')).certGroup,
  pkd: async () => (await import('./groups/pkd.ts')).pkdGroup,
  trust: async () => (await import('./groups/trust.ts')).trustGroup,
  audit: async () => (await import('./groups/audit.ts')).auditGroup,
  data: async () => (await import('./groups/data.ts')).dataGroup,
  events: async () => (await import('./groups/events.ts')).eventsGroup,
  traces: async () => (await import('./groups/traces.ts')).tracesGroup,
}

/** Builds the command line for a call: its group, or all of them where it names none. `done` receives what a command answers. */
async function program([first = '']: readonly string[], done: (result: CommandResult) => void): Promise<Command> {
  const cli = new Command('mmf-cli')
    .description('Configuration, tokens, certificates, records and events of Marty and MMF')
    .exitOverride()
  const wanted = Object.hasOwn(groups, first) ? [groups[first]] : Object.values(groups)
  for (const load of wanted) (await load?.())?.(cli, done)
  return cli
}

/** Runs the command line and says the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let result: CommandResult = { exitCode: 0 }
  try {
    const cli = await program(args, answer => {
      result = answer
    })
    await cli.parseAsync([...args], { from: 'user' })
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
