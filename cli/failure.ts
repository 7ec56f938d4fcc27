import { type ExitName, exitCodes } from './exit-codes.ts'

interface FailureRow {
  readonly exit: ExitName
  readonly title: string
}

/** What the command line itself can fail with: code → exit code and title. What a server refuses has the code of the server. */
export const failures = {
  usage_invalid: { exit: 'usage', title: 'This call is not understood' },
  url_invalid: { exit: 'usage', title: 'This is not the address of a server' },
  token_invalid: { exit: 'usage', title: 'This is not a bearer token' },
  file_missing: { exit: 'usage', title: 'No such file' },
  file_is_folder: { exit: 'usage', title: 'A file is needed, this is a folder' },
  file_unreadable: { exit: 'usage', title: 'The file cannot be read' },
  file_too_large: { exit: 'usage', title: 'The file is too large' },
  file_exists: { exit: 'usage', title: 'There is something in the place of a new file' },
  file_invalid: { exit: 'usage', title: 'The file does not hold what is needed' },
  output_unwritable: { exit: 'usage', title: 'The output cannot be written' },
  name_invalid: { exit: 'usage', title: 'This cannot be the name of a plugin or a service' },
  plugin_exists: { exit: 'usage', title: 'There is something in the place of the new plugin' },
  plugin_not_found: { exit: 'usage', title: 'No such plugin' },
  deployment_refused: { exit: 'failed', title: 'This cannot be deployed as it is' },
  plugin_disabled: { exit: 'failed', title: 'The plugin is switched off' },
  setting_unknown: { exit: 'usage', title: 'No such setting' },
  setting_ambiguous: { exit: 'usage', title: 'Several settings have this name' },
  context_unknown: { exit: 'usage', title: 'No such context' },
  context_exists: { exit: 'usage', title: 'There is a context of this name already' },
  context_file_invalid: { exit: 'usage', title: 'The file of the contexts cannot be understood' },
  context_file_exposed: { exit: 'usage', title: 'Others may write the file of the contexts' },
  data_folder_missing: { exit: 'usage', title: 'There is no data folder' },
  token_command_failed: { exit: 'unauthenticated', title: 'The token command gave no token' },
  server_unreachable: { exit: 'unreachable', title: 'The server does not answer' },
  answer_unexpected: { exit: 'unreachable', title: 'The answer is not one of this API' },
  public_key_not_found: { exit: 'failed', title: 'The directory has no such public key' },
  dead_letter_not_found: { exit: 'failed', title: 'No handler failed on this event for the last time' },
  export_damaged: { exit: 'failed', title: 'A part was damaged on the way' },
} as const satisfies Readonly<Record<string, FailureRow>>

export type FailureCode = keyof typeof failures

export interface FieldFinding {
  readonly path?: string
  readonly message: string
}

/** A problem as `--json` prints it (RFC 9457), with the exit code. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status?: number
  readonly code: string
  readonly detail?: string
  readonly errors?: readonly FieldFinding[]
  readonly exitCode: number
}

export interface FailureFacts {
  readonly code: string
  readonly exit: ExitName
  readonly title: string
  readonly detail?: string | undefined
  /** HTTP status, of what a server answered. */
  readonly status?: number | undefined
  readonly errors?: readonly FieldFinding[] | undefined
  readonly cause?: unknown
}

/** Ends a command. `main.ts` prints it in one line, or as a problem where `--json` is given. */
export class Failure extends Error {
  readonly facts: FailureFacts

  constructor(facts: FailureFacts) {
    super(`${facts.code}: ${facts.detail ?? facts.title}`, { cause: facts.cause })
    this.name = 'Failure'
    this.facts = facts
  }

  get code(): string {
    return this.facts.code
  }

  get exitCode() {
    return exitCodes[this.facts.exit].code
  }

  /** The problem document. */
  toJSON(): Problem {
    const { code, title, detail, status, errors } = this.facts
    return {
      type: 'about:blank',
      title,
      ...(status === undefined ? {} : { status }),
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined || errors.length === 0 ? {} : { errors }),
      exitCode: this.exitCode,
    }
  }
}

/** A failure of the command line itself. `detail` names the value received and what is allowed. */
export function failure(code: FailureCode, detail: string, cause?: unknown): Failure {
  return new Failure({ code, ...failures[code], detail, cause })
}
