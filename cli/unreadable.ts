import { exitCodes } from './exit-codes.ts'
import { printable } from './printable.ts'
import type { CommandResult } from './result.ts'

/** What a list of the server lacks. */
export interface Unreadable {
  readonly id: string
  readonly reason: string
}

/** Exit code: all is shown or written but what the server cannot read. */
export const incomplete = exitCodes.incomplete.code

/** Says what a list lacks: a line of standard error for each, and the exit code 7. */
export function withUnreadable(result: CommandResult, unreadable: readonly Unreadable[]): CommandResult {
  if (unreadable.length === 0) return result
  const lines = unreadable.map(({ id, reason }) => `${printable(`${id} cannot be read: ${reason}`)}\n`)
  return { ...result, stderr: `${result.stderr ?? ''}${lines.join('')}`, exitCode: incomplete }
}

/** The member of a printed JSON answer, or nothing where the list lacks nothing. */
export const unreadableMember = (unreadable: readonly Unreadable[]) => (unreadable.length === 0 ? {} : { unreadable })
