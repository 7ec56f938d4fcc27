import { PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { constructedBit } from './tags.ts'

/**
 * How strictly bytes are read. DER: definite minimal lengths, primitive strings. With `ber`, as CMS from the wild needs,
 * indefinite and non-minimal lengths and constructed strings are read too. Bounds hold in both.
 */
export interface DerRules {
  /** Accept BER encodings. Default false. */
  readonly ber: boolean
  /** Greatest nesting that is entered. Default 64. */
  readonly maxDepth: number
  /** Greatest size of the whole input in bytes. Default 32 MiB. */
  readonly maxBytes: number
}

export const derRules: DerRules = Object.freeze({ ber: false, maxDepth: 64, maxBytes: 32 * 1024 * 1024 })
export const berRules: DerRules = Object.freeze({ ...derRules, ber: true })

function malformed(reason: string, offset: number): PkiError {
  return new PkiError('der_malformed', `${reason} at offset ${offset}`, { offset })
}

/**
 * One tag-length-value: a view on the original bytes that copies nothing. `tag` is the identifier octet, with class and
 * constructed bit; a tag number above 30 is kept as `first octet | number << 8`.
 */
export class DerElement {
  readonly source: Uint8Array
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  /** End of the content; before `end` by the two end-of-contents octets where the length was indefinite. */
  readonly contentEnd: number
  readonly end: number
  readonly depth: number
  readonly rules: DerRules

  constructor(
    source: Uint8Array,
    tag: number,
    start: number,
    contentStart: number,
    contentEnd: number,
    end: number,
    depth: number,
    rules: DerRules,
  ) {
    this.source = source
    this.tag = tag
    this.start = start
    this.contentStart = contentStart
    this.contentEnd = contentEnd
    this.end = end
    this.depth = depth
    this.rules = rules
  }

  /** The value's octets, a view. */
  get content(): Uint8Array {
    return this.source.subarray(this.contentStart, this.contentEnd)
  }

  /** Identifier, length and value, a view. */
  get raw(): Uint8Array {
    return this.source.subarray(this.start, this.end)
  }

  get length(): number {
    return this.contentEnd - this.contentStart
  }

  get constructed(): boolean {
    return (this.tag & constructedBit) !== 0
  }

  /** The two are encoded alike, octet by octet. Compared from the end, where names and keys that differ mostly do. */
  hasSameEncoding(other: DerElement): boolean {
    const length = this.end - this.start
    if (other.end - other.start !== length) return false
    for (let offset = length - 1; offset >= 0; offset--) {
      if (this.source[this.start + offset] !== other.source[other.start + offset]) return false
    }
    return true
  }

  /** The same octets under the universal tag that an IMPLICIT context tag stands for. */
  retag(tag: number): DerElement {
    const { source, start, contentStart, contentEnd, end, depth, rules } = this
    return new DerElement(source, tag, start, contentStart, contentEnd, end, depth, rules)
  }

  /**
   * Reads what this element contains.
   * @throws der_malformed if it is primitive; der_limit_exceeded beyond the depth bound
   */
  children(): DerReader {
    if ((this.tag & constructedBit) === 0) throw malformed('constructed encoding expected', this.start)
    if (this.depth >= this.rules.maxDepth) {
      throw new PkiError('der_limit_exceeded', `nested deeper than ${this.rules.maxDepth}`, { offset: this.start })
    }
    return new DerReader(this.source, this.contentStart, this.contentEnd, this.depth + 1, this.rules)
  }
}

/** Reads consecutive elements from a range of bytes. Nothing is decoded before it is asked for. */
export class DerReader {
  readonly source: Uint8Array
  readonly end: number
  readonly depth: number
  readonly rules: DerRules
  offset: number

  constructor(source: Uint8Array, start: number, end: number, depth: number, rules: DerRules) {
    this.source = source
    this.offset = start
    this.end = end
    this.depth = depth
    this.rules = rules
  }

  /** True when every element has been read. */
  get done(): boolean {
    return this.offset >= this.end
  }

  /** The identifier octet of the next element, or -1 at the end. */
  peek(): number {
    return this.offset < this.end ? (this.source[this.offset] as number) : -1
  }

  /**
   * The next element, whatever its tag.
   * @throws der_malformed
   */
  any(): DerElement {
    const element = readElement(this.source, this.offset, this.end, this.depth, this.rules)
    this.offset = element.end
    return element
  }

  /**
   * The next element, which must carry `tag`.
   * @throws der_malformed
   */
  next(tag: number): DerElement {
    const start = this.offset
    if (start >= this.end) throw malformed(`tag 0x${tag.toString(16)} expected, but the value ends`, start)
    const element = readElement(this.source, start, this.end, this.depth, this.rules)
    if (!tagMatches(element.tag, tag, this.rules)) {
      throw malformed(`tag 0x${tag.toString(16)} expected, 0x${element.tag.toString(16)} found`, start)
    }
    this.offset = element.end
    return element
  }

  /** The next element if it carries `tag`, else undefined and nothing is consumed. */
  optional(tag: number): DerElement | undefined {
    if (this.offset >= this.end || !tagMatches(this.source[this.offset] as number, tag, this.rules)) return undefined
    return this.next(tag)
  }

  /**
   * Asserts that nothing follows.
   * @throws der_malformed
   */
  finish(): void {
    if (this.offset !== this.end) throw malformed('unexpected data after the last element', this.offset)
  }
}

function tagMatches(found: number, wanted: number, rules: DerRules): boolean {
  // X.690 §8.7.3, §8.23: in BER a string may be split into a constructed encoding of segments.
  return found === wanted || (rules.ber && (wanted & constructedBit) === 0 && found === (wanted | constructedBit))
}

/**
 * Reads exactly one element that fills the bytes.
 * @throws der_malformed on anything else, trailing data included; der_limit_exceeded beyond `rules.maxBytes`
 */
export function parseDer(bytes: Uint8Array, rules: DerRules = derRules): DerElement {
  if (rules !== derRules && rules !== berRules) refuseUnknown(derRulesFields, rules)
  if (bytes.length > rules.maxBytes) {
    throw new PkiError('der_limit_exceeded', `${bytes.length} bytes, at most ${rules.maxBytes} are read`)
  }
  const element = readElement(bytes, 0, bytes.length, 0, rules)
  if (element.end !== bytes.length) throw malformed('trailing data', element.end)
  return element
}

/** The element at an offset, which must end by `limit`. @throws der_malformed, der_limit_exceeded */
export function readElement(
  source: Uint8Array,
  start: number,
  limit: number,
  depth: number,
  rules: DerRules,
): DerElement {
  let offset = start
  if (offset + 2 > limit) throw malformed('truncated header', start)
  let tag = source[offset++] as number
  if ((tag & 0x1f) === 0x1f) {
    let number = 0
    let octet: number
    do {
      if (offset >= limit) throw malformed('truncated tag', start)
      octet = source[offset++] as number
      if (number === 0 && octet === 0x80) throw malformed('tag number with leading zeros', start)
      // Three octets hold every tag number that any structure here could use, and keep the number in 31 bits.
      if (number > 0x3fff) throw malformed('tag number too large', start)
      number = number * 128 + (octet & 0x7f)
    } while (octet & 0x80)
    if (number < 31) throw malformed('tag number not minimally encoded', start)
    tag |= number << 8
    if (offset >= limit) throw malformed('truncated header', start)
  }
  const first = source[offset++] as number
  if (first < 0x80) {
    const end = offset + first
    if (end > limit) throw malformed('length exceeds the enclosing value', start)
    return new DerElement(source, tag, start, offset, end, end, depth, rules)
  }
  if (first === 0x80) return readIndefinite(source, tag, start, offset, limit, depth, rules)
  return readLongForm(source, tag, start, offset, first & 0x7f, limit, depth, rules)
}

function readLongForm(
  source: Uint8Array,
  tag: number,
  start: number,
  lengthStart: number,
  octets: number,
  limit: number,
  depth: number,
  rules: DerRules,
): DerElement {
  const contentStart = lengthStart + octets
  if (contentStart > limit) throw malformed('truncated length', start)
  let length = 0
  for (let index = lengthStart; index < contentStart; index++) {
    length = length * 256 + (source[index] as number)
    if (length > 0xffff_ffff) throw malformed('length too large', start)
  }
  // X.690 §10.1: the definite form with the minimum number of octets.
  if (!rules.ber && (length < 0x80 || source[lengthStart] === 0)) throw malformed('length not minimally encoded', start)
  const end = contentStart + length
  if (end > limit) throw malformed('length exceeds the enclosing value', start)
  return new DerElement(source, tag, start, contentStart, end, end, depth, rules)
}

function readIndefinite(
  source: Uint8Array,
  tag: number,
  start: number,
  contentStart: number,
  limit: number,
  depth: number,
  rules: DerRules,
): DerElement {
  if (!rules.ber) throw malformed('indefinite length', start)
  if ((tag & constructedBit) === 0) throw malformed('indefinite length of a primitive value', start)
  if (depth >= rules.maxDepth) {
    throw new PkiError('der_limit_exceeded', `nested deeper than ${rules.maxDepth}`, { offset: start })
  }
  let offset = contentStart
  for (;;) {
    if (offset + 2 > limit) throw malformed('end-of-contents octets missing', start)
    if (source[offset] === 0 && source[offset + 1] === 0) break
    offset = readElement(source, offset, limit, depth + 1, rules).end
  }
  return new DerElement(source, tag, start, contentStart, offset, offset + 2, depth, rules)
}

export const derRulesFields = optionFields<DerRules>({ ber: 1, maxDepth: 1, maxBytes: 1 })
