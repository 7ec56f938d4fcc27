// Most paths have three certificates and one anchor.
const indexFrom = 8

/** A map that is a list while it is short: making a Map costs more than looking through a few keys. */
export class SmallMap<K extends object, V> {
  readonly #keys: K[] = []
  readonly #values: V[] = []
  #index: Map<K, V> | undefined

  get(key: K): V | undefined {
    if (this.#index !== undefined) return this.#index.get(key)
    const keys = this.#keys
    for (let place = 0; place < keys.length; place++) if (keys[place] === key) return this.#values[place]
    return undefined
  }

  /** Adds a key that is not there yet. */
  add(key: K, value: V): void {
    this.#index?.set(key, value)
    if (this.#index !== undefined) return
    this.#keys.push(key)
    this.#values.push(value)
    if (this.#keys.length > indexFrom) {
      this.#index = new Map(this.#keys.map((known, place) => [known, this.#values[place] as V]))
    }
  }
}
