import { PkiError } from '../errors.ts'
import { DerElement, derRules, readElement } from './reader.ts'

/**
 * Walks over strict DER without making an object for each element: the last one read stands in the cursor itself. For structures that are
 * read so often that the objects would be most of the cost; everything else uses DerReader.
 */
export class DerCursor {
  readonly source: Uint8Array
  /** Where the next element starts: the end of the last one. */
  offset: number
  /** End of the value that is being read. */
  limit: number
  tag = 0
  start = 0
  contentStart = 0
  contentEnd = 0

  constructor(source: Uint8Array, start: number, end: number) {
    this.source = source
    this.offset = start
    this.limit = end
  }

  /** Reads the next element, whatever its tag. @throws der_malformed */
  any(): void {
    const { source, offset, limit } = this
    const tag = source[offset] as number
    const first = source[offset + 1] as number
    // The headers of nearly all elements; what is left, faults included, the reader looks at.
    let contentStart = 0
    let length = 0
    if (first < 0x80) {
      contentStart = offset + 2
      length = first
    } else if (first === 0x81) {
      contentStart = offset + 3
      length = source[offset + 2] as number
      if (length < 0x80) contentStart = 0
    } else if (first === 0x82) {
      contentStart = offset + 4
      length = (source[offset + 2] as number) * 256 + (source[offset + 3] as number)
      if (length < 0x100) contentStart = 0
    }
    const end = contentStart + length
    if (contentStart === 0 || contentStart > limit || end > limit || (tag & 0x1f) === 0x1f) {
      this.#anyOther()
      return
    }
    this.tag = tag
    this.start = offset
    this.contentStart = contentStart
    this.contentEnd = end
    this.offset = end
  }

  #anyOther(): void {
    const element = readElement(this.source, this.offset, this.limit, 0, derRules)
    this.tag = element.tag
    this.start = element.start
    this.contentStart = element.contentStart
    this.contentEnd = element.contentEnd
    this.offset = element.end
  }

  /** Reads the next element, which must carry the tag. @throws der_malformed */
  next(tag: number): void {
    if (this.offset >= this.limit) this.#refuse(`tag 0x${tag.toString(16)} expected, but the value ends`)
    this.any()
    if (this.tag === tag) return
    this.offset = this.start
    this.#refuse(`tag 0x${tag.toString(16)} expected, 0x${this.tag.toString(16)} found`)
  }

  /** Reads the next element if it carries the tag. @throws der_malformed */
  optional(tag: number): boolean {
    if (this.offset >= this.limit || this.source[this.offset] !== tag) return false
    this.any()
    return true
  }

  /** Goes into the element that was read last; gives what {@link leave} wants. */
  enter(): number {
    const { limit } = this
    this.offset = this.contentStart
    this.limit = this.contentEnd
    return limit
  }

  /** Comes out of an element, which must have been read to its end. @throws der_malformed */
  leave(limit: number): void {
    if (this.offset !== this.limit) this.#refuse('unexpected data after the last element')
    this.limit = limit
  }

  /** The element that was read last, as an object. `depth` is how deep it lies. */
  element(depth: number): DerElement {
    const { source, tag, start, contentStart, contentEnd } = this
    return new DerElement(source, tag, start, contentStart, contentEnd, contentEnd, depth, derRules)
  }

  #refuse(reason: string): never {
    throw new PkiError('der_malformed', `${reason} at offset ${this.offset}`, { offset: this.offset })
  }
}
