/** One attribute of a name in text. `hex` is the BER of the value where the text gave it with `#` (RFC 4514 §2.4). */
export interface TextAttribute {
  readonly type: string
  readonly value: string
  readonly hex?: Uint8Array
}

/** Relative distinguished names in the order of the text: the most specific first. */
export type TextName = readonly (readonly TextAttribute[])[]

/** A text that is no distinguished name. `at` is the position of the offending character. */
export class NameSyntaxError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(`${message} at character ${at + 1}`)
    this.name = 'NameSyntaxError'
    this.at = at
  }
}

/** Longer texts are no names. */
const maxCharacters = 8192

const typePattern = /[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+/y
const hexPattern = /#((?:[0-9A-Fa-f]{2})+)/y

/**
 * Reads a distinguished name in the text form of LDAP (RFC 4514 §3). Spaces around `=`, `,` and `+` are passed over, as RFC 2253 allowed.
 * @throws {NameSyntaxError}
 */
export function parseDistinguishedName(text: string): TextName {
  if (text.length > maxCharacters) throw new NameSyntaxError(`more than ${maxCharacters} characters`, maxCharacters)
  const reader = new NameReader(text)
  const name: TextAttribute[][] = []
  if (reader.atEnd()) return name
  do {
    const rdn = [reader.attribute()]
    while (reader.take('+')) rdn.push(reader.attribute())
    name.push(rdn)
  } while (reader.take(',') || reader.take(';'))
  if (!reader.atEnd()) throw new NameSyntaxError('unexpected character', reader.at)
  return name
}

class NameReader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#skipSpaces()
    return this.at >= this.#text.length
  }

  take(character: string): boolean {
    if (this.#text[this.at] !== character) return false
    this.at += 1
    return true
  }

  attribute(): TextAttribute {
    this.#skipSpaces()
    const type = this.#match(typePattern)?.[0]
    if (type === undefined) throw new NameSyntaxError('an attribute type is expected', this.at)
    this.#skipSpaces()
    if (!this.take('=')) throw new NameSyntaxError('"=" is expected', this.at)
    this.#skipSpaces()
    const hex = this.#match(hexPattern)?.[1]
    if (hex === undefined && this.#text[this.at] === '#') throw new NameSyntaxError('hexadecimal is expected', this.at)
    if (hex === undefined) return { type, value: this.#string() }
    this.#skipSpaces()
    return { type, value: `#${hex.toLowerCase()}`, hex: Uint8Array.from(Buffer.from(hex, 'hex')) }
  }

  /** Octets, because an escape stands for an octet of UTF-8 and a character may be spelt with several. */
  #string(): string {
    const octets: number[] = []
    let significant = 0
    for (;;) {
      const character = this.#text[this.at]
      if (character === undefined || ',;+'.includes(character)) break
      if ('"<>\0'.includes(character)) throw new NameSyntaxError('this character must be escaped', this.at)
      if (character === '\\') octets.push(this.#escape())
      else octets.push(...this.#plain())
      // Spaces at the end count only where they are escaped.
      if (character !== ' ') significant = octets.length
    }
    const bytes = Uint8Array.from(octets.slice(0, significant))
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new NameSyntaxError('the value is not UTF-8', this.at)
    }
  }

  #plain(): Uint8Array {
    const point = this.#text.codePointAt(this.at) ?? 0
    if (point >= 0xd800 && point <= 0xdfff) throw new NameSyntaxError('half a surrogate pair', this.at)
    const character = String.fromCodePoint(point)
    this.at += character.length
    return Buffer.from(character)
  }

  #escape(): number {
    const next = this.#text.slice(this.at + 1, this.at + 3)
    if (/^[0-9A-Fa-f]{2}$/.test(next)) {
      this.at += 3
      return Number.parseInt(next, 16)
    }
    const special = next[0]
    if (special === undefined || !' "#+,;<=>\\'.includes(special))
      throw new NameSyntaxError('an escape is malformed', this.at)
    this.at += 2
    return special.charCodeAt(0)
  }

  #skipSpaces(): void {
    while (this.#text[this.at] === ' ') this.at += 1
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)
    if (found !== null) this.at = pattern.lastIndex
    return found
  }
}
