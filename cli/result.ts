/** What a command gives back: text for standard output, messages for standard error, and the exit code. Only `main.ts` prints. */
export interface CommandResult {
  readonly stdout?: string
  readonly stderr?: string
  /** 0 done, 1 the answer is no or it failed, 2 it was called wrongly, 3 done but for what the server cannot read. */
  readonly exitCode: 0 | 1 | 2 | 3
}
