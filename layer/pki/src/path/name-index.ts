import { bytesKey } from '../x509/bytes.ts'
import { keyOfName, type Name } from '../x509/name.ts'

const noOptions: readonly never[] = Object.freeze([])

/** Below this many items, comparing with each is cheaper than an index. */
const indexFrom = 8

/**
 * Finds items by name in two steps, since nearly always the encodings are equal and string preparation is what costs: `exact` gives those
 * whose encoding is the same, `similar` those that are equal by RFC 5280 §7.1 alone.
 */
export class NameIndex<T> {
  readonly #items: readonly T[]
  readonly #nameOf: (item: T) => Name
  #byEncoding: Map<string, T[]> | undefined
  #byKey: Map<string, T[]> | undefined

  constructor(items: readonly T[], nameOf: (item: T) => Name) {
    this.#items = items
    this.#nameOf = nameOf
  }

  exact(name: Name): readonly T[] {
    const items = this.#items
    if (items.length === 0) return items
    if (items.length === 1) return this.#nameOf(items[0] as T).hasSameEncoding(name) ? items : noOptions
    if (items.length < indexFrom) return items.filter(item => this.#nameOf(item).hasSameEncoding(name))
    this.#byEncoding ??= group(this.#items, item => bytesKey(this.#nameOf(item).raw))
    return this.#byEncoding.get(bytesKey(name.raw)) ?? []
  }

  similar(name: Name): readonly T[] {
    if (this.#items.length === 0) return noOptions
    const key = keyOfName(name)
    if (key === undefined) return []
    this.#byKey ??= group(this.#items, item => keyOfName(this.#nameOf(item)))
    return (this.#byKey.get(key) ?? []).filter(item => !this.#nameOf(item).hasSameEncoding(name))
  }
}

function group<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [item])
    else members.push(item)
  }
  return groups
}
