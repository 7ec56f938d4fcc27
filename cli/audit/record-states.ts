import { type AuditLeaf, digestOfValue, recordName, type StoredRow, type Value } from '@mmf/framework'
import type { LoggedTableLine } from './audit-lines.ts'

/** What the log says of a record at one size: digests, or that there is none. */
type State = 'absent' | { readonly row: string } | { readonly columns: ReadonlyMap<string, string> }

interface History {
  readonly leaf: number
  /** What the record may look like: as of the beginning of the export, and after each change since. */
  readonly states: readonly State[]
}

/** Replays the leaves of a log, record by record. */
export class RecordStates {
  readonly #histories = new Map<string, History>()
  readonly #settled: number
  /** Tables whose older records are all in. */
  readonly #takenIn = new Set<string>()

  /** @param settled leaves below it were in the log before the records were read */
  constructor(settled: number) {
    this.#settled = settled
  }

  /** @returns what is wrong with the leaf itself */
  add(index: number, leaf: AuditLeaf): string | undefined {
    if (leaf.change === 'taken-in') {
      this.#takenIn.add(leaf.table)
      return undefined
    }
    const name = recordName(leaf.table, leaf.key)
    const { states = ['absent' as const] } = this.#histories.get(name) ?? {}
    const next = after(states.at(-1) ?? 'absent', leaf)
    this.#histories.set(name, { leaf: index, states: index < this.#settled ? [next] : [...states, next] })
    if (leaf.late !== true || !this.#takenIn.has(leaf.table)) return undefined
    return `takes ${name} in as older than the log, after all such records were in: it was inserted past the log`
  }

  /** What is wrong with a record that was read; undefined where the log says the same. It is then taken for seen. */
  check(table: LoggedTableLine, row: StoredRow, name: string): string | undefined {
    const history = this.#histories.get(name)
    if (history === undefined) {
      const older = ', or is older than the log, which has not yet taken in such records of its table'
      return `is not in the log: it was inserted past it${this.#takenIn.has(table.name) ? '' : older}`
    }
    this.#histories.delete(name)
    const columns = Object.fromEntries(
      Object.entries(row).filter(([column]) => table.except?.includes(column) !== true),
    )
    const faults = history.states.map(state => faultOf(state, columns))
    if (faults.includes(undefined)) return undefined
    return `${faults[0]} (leaf ${history.leaf})`
  }

  /** A record that cannot be read is no record that is missing. */
  forget(name: string): void {
    this.#histories.delete(name)
  }

  /** Records that the log has, and that were not read. */
  *missing(): Generator<{ readonly name: string; readonly leaf: number }> {
    for (const [name, { leaf, states }] of this.#histories) if (!states.includes('absent')) yield { name, leaf }
  }
}

function after(before: State, { change, row, columns = {} }: AuditLeaf): State {
  if (change === 'remove') return 'absent'
  if (row !== undefined) return { row }
  const known = change === 'update' && typeof before === 'object' && 'columns' in before ? before.columns : []
  const next = new Map<string, string>(known)
  for (const [column, digest] of Object.entries(columns)) {
    if (digest === null) next.delete(column)
    else next.set(column, digest)
  }
  return { columns: next }
}

function faultOf(state: State, columns: Readonly<Record<string, Value>>): string | undefined {
  if (state === 'absent') return 'was removed according to the log, and is there'
  if ('row' in state) return digestOfValue(columns) === state.row ? undefined : 'was changed'
  const names = new Set([...state.columns.keys(), ...Object.keys(columns)])
  const wrong = [...names].filter(name => {
    const value = columns[name]
    return (value === undefined ? undefined : digestOfValue(value)) !== state.columns.get(name)
  })
  return wrong.length === 0 ? undefined : `was changed: ${wrong.sort().join(', ')}`
}
