import type { Command } from 'commander'
import type { CommandResult } from '../result.ts'

/** Adds one group of commands. What a command answers goes to `done`; nothing else is printed. */
export type CommandGroup = (cli: Command, done: (result: CommandResult) => void) => void
