/** The table of exit codes. `--help` and docs/cli.md show it; a command names the rows that it can end with. */
export const exitCodes = {
  done: { code: 0, meaning: 'done; the answer is yes' },
  failed: {
    code: 1,
    meaning: 'it failed, or the answer is no: not found, configuration invalid, not healthy, import failed',
  },
  usage: { code: 2, meaning: 'called wrongly: command, option, value, file or context' },
  refused: { code: 3, meaning: 'the server refused the request' },
  unauthenticated: { code: 4, meaning: 'not authenticated: no token, or one that the server does not accept' },
  unreachable: { code: 5, meaning: 'not reachable: no answer, no answer of this API, or not available now' },
  invalid: { code: 6, meaning: 'the verdict is invalid: certificate, signature or audit log' },
  incomplete: { code: 7, meaning: 'done but for rows that the server cannot read, which are named' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>

export type ExitName = keyof typeof exitCodes
export type ExitCode = (typeof exitCodes)[ExitName]['code']
