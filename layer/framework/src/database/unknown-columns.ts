import type { Row } from './row-size.ts'
import type { Value } from './table.ts'

/** What a stored row (or a map inside of it) holds beyond its declaration: written by a later version, to be kept when the row is written back. */
interface Unknown {
  readonly table: string
  readonly columns: Row
}

/** Travels with spreads and rest patterns; `Object.entries`, JSON and schemas do not see it. */
const unknown = Symbol('columns that this version does not know')

type Carrier = Record<string, Value> & { [unknown]?: Unknown }

interface UnrecognizedKeys {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

/** A copy without the members that strict schemas complained of; undefined when they complained of anything else. */
export function withoutUnrecognized(row: Row, issues: readonly UnrecognizedKeys[]): Row | undefined {
  if (issues.some(({ code }) => code !== 'unrecognized_keys')) return undefined
  const copy = structuredClone(row) as Record<string, Value>
  for (const { path, keys = [] } of issues) {
    const at = path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)[step], copy)
    for (const key of keys) delete (at as Record<string, Value>)[key]
  }
  return copy
}

/** Attaches to `parsed` what `stored` has beyond it, at every depth. */
export function carryUnknown(table: string, stored: Value, parsed: Value): void {
  eachMap(stored, parsed, (from, to) => {
    if (from === to) return
    const names = Object.keys(from).filter(name => !Object.hasOwn(to, name))
    if (names.length === 0) return
    const columns = Object.fromEntries(names.map(name => [name, from[name] as Value]))
    to[unknown] = { table, columns }
  })
}

/** Puts what a row that was read carries back into the row to be written. Columns of another table are not taken along. */
export function restoreUnknown(table: string, given: Value, checked: Value): void {
  eachMap(given, checked, (from, to) => {
    const carried = from[unknown]
    if (carried?.table !== table) return
    for (const [name, value] of Object.entries(carried.columns)) if (!Object.hasOwn(to, name)) to[name] = value
  })
}

/** A row made anew in the place of `before`, with the columns of it that this version does not know. A spread of `before` has them anyhow. */
export function inPlaceOf<T extends object>(before: object, row: T): T {
  const carried = (before as Carrier)[unknown]
  return carried === undefined ? row : { ...row, [unknown]: carried }
}

/** Calls `visit` with each pair of maps that stand in the same place. */
function eachMap(a: Value, b: Value, visit: (a: Carrier, b: Carrier) => void): void {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (const [i, element] of a.entries()) if (i < b.length) eachMap(element, b[i], visit)
    return
  }
  if (!isMap(a) || !isMap(b)) return
  // Children first: what is restored here has no twin to look for.
  for (const [name, member] of Object.entries(a)) if (Object.hasOwn(b, name)) eachMap(member, b[name] as Value, visit)
  visit(a, b)
}

const isMap = (value: Value | undefined): value is Carrier =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
