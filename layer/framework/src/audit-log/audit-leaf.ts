import { createHash } from 'node:crypto'
import { checkedTable, checkKey } from '../database/checked-table.ts'
import type { Row } from '../database/row-size.ts'
import type { AnyTable, Value } from '../database/table.ts'
import type { CheckedWrite } from '../database/validate-write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { canonicalJson } from './canonical-json.ts'

/** The format of the leaves that this version writes. */
export const leafVersion = 1

/** A leaf must fit into a bundle, whose lengths have two bytes (C2SP tlog-tiles); keys and names of columns are what it consists of. */
const maxLeafBytes = 16_384

/** What a leaf of the audit log says about one write: digests of what was written, never the content. `docs/audit-log.md` describes it. */
export interface AuditLeaf {
  readonly v: number
  readonly table: string
  readonly key: Row
  /** `taken-in`: the end of the records of the table that are older than the log. Its key is empty. */
  readonly change: 'put' | 'update' | 'remove' | 'taken-in'
  /** When it was written; for what was taken in later, when that was. */
  readonly time: string
  /** Of a put into a table of final rows: the digest of the row. */
  readonly row?: string
  /** Of a table whose rows change: the digest of each column that was written, null for one that was taken away. */
  readonly columns?: Readonly<Record<string, string | null>>
  /** The record is older than the log, or than its place in it. */
  readonly late?: true
}

/** SHA-256 of a value in its canonical form, lower-case hex. */
export const digestOfValue = (value: Value): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

/** The columns of a row that are part of the record. */
export function recordedColumns({ logged }: Pick<AnyTable, 'logged'>, row: Row): Row {
  const { except = [] } = logged ?? {}
  return except.length === 0 ? row : Object.fromEntries(Object.entries(row).filter(([name]) => !except.includes(name)))
}

const digests = (columns: Row): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, digestOfValue(value)]))

/**
 * The leaf of a write, in canonical form; undefined where the write touches no record.
 * @throws {TypeError} for a change of a row that its table declares final
 */
export function leafOf(write: CheckedWrite, time: string): string | undefined {
  const { table, key } = write
  const { logged } = table.declaration
  if (logged === undefined || write.kind === 'check') return undefined
  const about = { v: leafVersion, table: table.name, key, change: write.kind, time }
  if (write.kind === 'put') return checked({ ...about, ...contentOf(table.declaration, write.row) })
  if (write.kind !== 'update') return checked(about)
  if (logged.rows === 'final') throw new TypeError(`rows of ${table.name} are final: they are put, not updated`)
  const set = recordedColumns(table.declaration, write.set)
  const gone = write.unset.filter(name => logged.except?.includes(name) !== true)
  if (Object.keys(set).length + gone.length === 0) return undefined
  return checked({ ...about, columns: { ...digests(set), ...Object.fromEntries(gone.map(name => [name, null])) } })
}

/** The leaf of a record that is there already. */
export function lateLeafOf(table: AnyTable, row: Row, time: string): string {
  const key = checkKey(checkedTable(table), row)
  return checked({
    v: leafVersion,
    table: table.name,
    key,
    change: 'put',
    time,
    late: true,
    ...contentOf(table, row),
  })
}

/** After this leaf no record of the table is taken in late. */
export const takenInLeaf = ({ name }: Pick<AnyTable, 'name'>, time: string): string =>
  checked({ v: leafVersion, table: name, key: {}, change: 'taken-in', time })

function contentOf(table: AnyTable, row: Row): Pick<AuditLeaf, 'row' | 'columns'> {
  const columns = recordedColumns(table, row)
  return table.logged?.rows === 'final' ? { row: digestOfValue(columns) } : { columns: digests(columns) }
}

function checked(leaf: AuditLeaf): string {
  const text = canonicalJson(leaf as unknown as Value)
  if (Buffer.byteLength(text) <= maxLeafBytes) return text
  throw new MmfError('database_limit_exceeded', {
    detail: `a record of ${leaf.table} has a leaf of more than ${maxLeafBytes} bytes`,
  })
}

/** Names a record: its table and its key. */
export const recordName = (table: string, key: Value): string => `${table} ${canonicalJson(key)}`
