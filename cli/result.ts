import type { ExitCode } from './exit-codes.ts'

/** What a command gives back: text for standard output, remarks for standard error, and the exit code. Only `main.ts` prints. */
export interface CommandResult {
  readonly stdout?: string
  readonly stderr?: string
  readonly exitCode: ExitCode
}
