import { failure } from '../failure.ts'

/** The lines of an export of the audit log, in the order in which they come. */
export type AuditLine =
  | {
      readonly type: 'begin'
      readonly format: number
      readonly origin: string
      readonly size: number
      readonly tables: readonly LoggedTableLine[]
    }
  | { readonly type: 'record'; readonly table: string; readonly row: string }
  | { readonly type: 'unreadable'; readonly table: string; readonly key: string; readonly reason: string }
  | { readonly type: 'checkpoint'; readonly size: number; readonly note: string; readonly keys: readonly string[] }
  | { readonly type: 'leaf'; readonly index: number; readonly leaf: string; readonly hash: string }
  | { readonly type: 'end'; readonly leaves: number }

/** A table as the export describes it. */
export interface LoggedTableLine {
  readonly name: string
  readonly key: readonly string[]
  readonly rows: 'final' | 'changing'
  readonly except?: readonly string[]
}

const texts = {
  begin: ['origin'],
  record: ['table', 'row'],
  unreadable: ['table', 'key', 'reason'],
  checkpoint: ['note'],
  leaf: ['leaf', 'hash'],
  end: [],
} as const satisfies Readonly<Record<AuditLine['type'], readonly string[]>>

/** @throws {Failure} `file_invalid` for a line that is none of an export of the log */
export function readAuditLine(text: string, number: number): AuditLine {
  let line: Readonly<Record<string, unknown>> = {}
  try {
    line = (JSON.parse(text) ?? {}) as typeof line
  } catch {
    // The same answer as for JSON of another kind.
  }
  const { type } = line
  const members = typeof type === 'string' && Object.hasOwn(texts, type) ? texts[type as AuditLine['type']] : undefined
  if (members === undefined || members.some(name => typeof line[name] !== 'string')) {
    throw failure('file_invalid', `line ${number}: not a line of \`mmf-cli audit export log\``)
  }
  if (type === 'begin' && (line['format'] !== 1 || !Array.isArray(line['tables']))) {
    throw failure(
      'file_invalid',
      `line ${number}: format ${JSON.stringify(line['format'])}; this version reads format 1`,
    )
  }
  return line as unknown as AuditLine
}
