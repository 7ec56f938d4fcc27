import * as z from 'zod'

// Recognised by this brand, not by instanceof: the layer and a handler may hold two copies of the class.
const brand = Symbol.for('mmf.secret')
const redacted = '[redacted]'

/** A value that no log line, inspection, template string or JSON text shows. Only `reveal()` gives it out. */
export class Secret {
  readonly #value: string
  readonly [brand] = true

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it where the value is used, and keep the result nowhere. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted
  }
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

/**
 * The schema of a setting that holds a secret. It takes only what came from a `${SECRET:name}` reference: a secret written into
 * the file itself is refused, and a reference in a setting that is not declared as a secret is refused too.
 */
export function secretSetting(): z.ZodType<Secret> {
  return z.custom<Secret>(isSecret, { error: `write it as \${SECRET:name}; a secret does not stand in the file` })
}
