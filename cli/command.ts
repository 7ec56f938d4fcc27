import type { Colours } from './colours.ts'
import type { ExitName } from './exit-codes.ts'
import type { ApiClient } from './http/api-client.ts'
import type { CommandResult } from './result.ts'

/** What a value is, for the completion of shells. */
type ValueKind = 'file' | 'folder' | 'context'

export interface ArgumentRow {
  readonly name: string
  readonly summary: string
  readonly optional?: true
  readonly kind?: ValueKind
  readonly allowed?: readonly string[]
}

export interface OptionRow {
  /** Without the dashes: `as-of`. One that begins with `no-` is a switch. */
  readonly name: string
  readonly summary: string
  /** What stands for the value in the help: `time`. Without it the option is a switch. */
  readonly value?: string
  readonly required?: true
  /** It may be given several times; another option is refused the second time. */
  readonly repeatable?: true
  readonly fallback?: string
  readonly kind?: ValueKind
  /** All values there are; any other is refused. */
  readonly allowed?: readonly string[]
}

interface Example {
  /** What stands behind `mmf-cli`. */
  readonly call: string
  readonly says: string
}

/** What a command was called with, by the names of its row. A name that the row lacks is a mistake of the command: TypeError. */
export interface Call {
  argument(name: string): string
  optionalArgument(name: string): string | undefined
  text(name: string): string | undefined
  /** The value of an option that is required or has a fallback. */
  value(name: string): string
  all(name: string): readonly string[]
  on(name: string): boolean
  /** Those options that were given, by their names in camelCase: `asOf` of `--as-of`. */
  given<const N extends string>(...names: N[]): { readonly [K in N]?: string }
  readonly json: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of standard output. */
  readonly colours: Colours
  /** All commands there are. */
  readonly table: CommandTable
  /** The server that options, environment or context name. Only of rows with `connection`. */
  client(): Promise<ApiClient>
}

/** One row of the table of commands: help, parsing, completion and docs/cli.md derive from it. */
export interface CommandRow {
  /** The words of the call: `trust list`. */
  readonly path: string
  readonly summary: string
  readonly arguments?: readonly ArgumentRow[]
  readonly options?: readonly OptionRow[]
  /** It speaks to a server: `--url`, `--host`, `--context` and `--token` belong to it. */
  readonly connection?: true
  /** It prints a document in any case; `--json` then concerns errors only. */
  readonly document?: true
  /** The group without a further word means this one. */
  readonly isDefault?: true
  /** What it can end with besides done, failed and usage; those of a connection come by themselves. */
  readonly exits?: readonly ExitName[]
  readonly examples: readonly [Example, ...Example[]]
  /** Loads what it needs when it is called, so that the table itself costs nothing. */
  readonly run: (call: Call) => Promise<CommandResult>
}

export interface CommandTable {
  /** The words that stand before others, and what for, in the order of the help. */
  readonly groups: Readonly<Record<string, string>>
  readonly commands: readonly CommandRow[]
}

const connectionOptions: readonly OptionRow[] = [
  { name: 'url', value: 'address', summary: 'the server; before MARTY_URL and any context' },
  {
    name: 'host',
    value: 'name',
    summary: 'Host of the requests, where it is not that of the address; before MARTY_HOST',
  },
  { name: 'context', value: 'name', kind: 'context', summary: 'the server by its name in `mmf-cli context list`' },
  { name: 'token', value: 'token', summary: 'bearer token; better in MARTY_TOKEN, where other users cannot read it' },
]

/** Every option of a command, those that follow from its row among them. */
export function optionsOf(row: CommandRow): readonly OptionRow[] {
  const json = row.document === true ? 'print errors as JSON' : 'print JSON, errors too'
  return [
    ...(row.options ?? []),
    ...(row.connection === true ? connectionOptions : []),
    { name: 'json', summary: json },
  ]
}

export function exitsOf({ connection, exits = [] }: CommandRow): readonly ExitName[] {
  const overHttp: readonly ExitName[] = connection === true ? ['refused', 'unauthenticated', 'unreachable'] : []
  return ['done', 'failed', 'usage', ...overHttp, ...exits]
}
