import { defined } from '@mmf/framework'
import { LdifError, type LdifItem, type LdifSpan } from './ldif-item.ts'
import { type PhysicalLine, parseRecord } from './parse-record.ts'

const ldifLimits = {
  /** Bytes of one record. A master list of 10 MB in base64 fits. */
  recordBytes: 16 * 1024 * 1024,
  /** Bytes of a record that `raw` gives back. */
  keptBytes: 32 * 1024,
} as const

export interface LdifReaderOptions {
  /** Where in the file the first chunk starts: the `end` and `nextLine` of an earlier item. Default the start of the file. */
  readonly offset?: number
  readonly line?: number
  /** Default `ldifLimits.recordBytes`. */
  readonly recordBytes?: number
}

/** Reads LDIF piece by piece. */
export interface LdifReader {
  /**
   * The records that are complete with this chunk, each read when it is asked for; all are to be asked for before the next call. The chunk must not
   * change afterwards.
   */
  read(chunk: Uint8Array): IterableIterator<LdifItem>
  /** The same, all at once. */
  push(chunk: Uint8Array): readonly LdifItem[]
  /** The last record; the file may end without an empty line. */
  end(): readonly LdifItem[]
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const hash = 0x23
const space = 0x20
/** UTF-8's, which editors put before a file. RFC 2849 does not know it, and it says nothing. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * A streaming reader of LDIF content files (RFC 2849): folded lines, comments, base64 values, version 1, records of changetype add. A byte
 * order mark before the file is passed over.
 *
 * Guarantees: never throws for hostile input: a record that cannot be read is an item with a code, and the next one is read. It holds one
 * record, at most `recordBytes`, and one chunk. Reading can go on at the end of any item with the same result.
 */
export function createLdifReader(options: LdifReaderOptions = {}): LdifReader {
  const { offset = 0, line = 1, recordBytes = ldifLimits.recordBytes } = options
  return new Reader(offset, line, recordBytes)
}

class Reader implements LdifReader {
  readonly #limit: number
  /** Offset and number of the line that is being read. */
  #offset: number
  #line: number
  /** The bytes of that line so far; the pieces of it, from several chunks, have the first `#kept`. */
  #pieces: Buffer[] = []
  #kept = 0
  #lineBytes = 0
  /** Lines of the record that is being read; `#bytes` of them. */
  #lines: PhysicalLine[] = []
  #bytes = 0
  #start = 0
  #startLine = 0
  #tooLarge = false
  /** Inside a comment, whose folded lines belong to it. */
  #comment = false
  #first: boolean

  constructor(offset: number, line: number, limit: number) {
    this.#offset = offset
    this.#line = line
    this.#limit = limit
    this.#first = offset === 0
  }

  push(chunk: Uint8Array): readonly LdifItem[] {
    return [...this.read(chunk)]
  }

  *read(chunk: Uint8Array): IterableIterator<LdifItem> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (;;) {
      const at = bytes.indexOf(lineFeed, from)
      if (at === -1) break
      this.#take(bytes.subarray(from, at))
      const item = this.#endLine(1)
      from = at + 1
      if (item !== undefined) yield item
    }
    if (from < bytes.length) this.#take(bytes.subarray(from))
  }

  end(): readonly LdifItem[] {
    const items = this.#lineBytes > 0 ? [this.#endLine(0), this.#endRecord()] : [this.#endRecord()]
    return items.filter(item => item !== undefined)
  }

  /** A part of the current line. Beyond the limit nothing is kept but what distinguishes an empty line, a comment and a folded line. */
  #take(piece: Buffer): void {
    const room = Math.max(this.#limit - this.#bytes, 1) - this.#kept
    if (room > 0) {
      this.#pieces.push(piece.subarray(0, room))
      this.#kept += Math.min(piece.length, room)
    }
    this.#lineBytes += piece.length
  }

  /** The record that ends with this line, if one does. */
  #endLine(terminator: 0 | 1): LdifItem | undefined {
    const [only] = this.#pieces
    const joined = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces)
    const marked = this.#offset === 0 && joined.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    const start = marked ? byteOrderMark.length : 0
    const bytes = joined.subarray(start, joined.at(-1) === carriageReturn ? -1 : undefined)
    const size = this.#lineBytes + terminator
    const line = this.#line
    const offset = this.#offset
    this.#pieces = []
    this.#kept = 0
    this.#lineBytes = 0
    this.#offset += size
    this.#line += terminator
    if (bytes.length === 0) return this.#endRecord()
    if (bytes[0] === hash) this.#comment = true
    else if (bytes[0] !== space) this.#comment = false
    if (this.#comment) this.#passOver(size)
    else this.#add({ line, bytes }, offset, size)
    return undefined
  }

  /** Comments inside a record count: each line of it keeps a chunk in memory. */
  #passOver(size: number): void {
    if (this.#lines.length > 0) this.#bytes += size
    if (this.#bytes > this.#limit) this.#tooLarge = true
  }

  #add(line: PhysicalLine, offset: number, size: number): void {
    if (this.#lines.length === 0) {
      this.#start = offset
      this.#startLine = line.line
    }
    this.#bytes += size
    if (this.#bytes > this.#limit) this.#tooLarge = true
    if (!this.#tooLarge || this.#lines.length === 0) this.#lines.push(line)
  }

  #endRecord(): LdifItem | undefined {
    this.#comment = false
    const lines = this.#lines
    const tooLarge = this.#tooLarge
    this.#lines = []
    this.#bytes = 0
    this.#tooLarge = false
    if (lines.length === 0) return undefined
    const span = { line: this.#startLine, start: this.#start, end: this.#offset, nextLine: this.#line }
    const first = this.#first
    this.#first = false
    return tooLarge
      ? refusalOf(new LdifError('ldif_record_too_large', span.line), lines, span)
      : read(lines, span, first)
  }
}

function read(lines: readonly PhysicalLine[], span: LdifSpan, first: boolean): LdifItem | undefined {
  let dn: string | undefined
  try {
    const record = parseRecord(lines, first, name => {
      dn = name
    })
    return record === undefined ? undefined : { kind: 'record', ...span, ...record, raw: () => rawOf(lines) }
  } catch (error) {
    if (!(error instanceof LdifError)) throw error
    return refusalOf(error, lines, span, dn)
  }
}

function refusalOf(error: LdifError, lines: readonly PhysicalLine[], span: LdifSpan, dn?: string): LdifItem {
  const { code, message, at } = error
  return { kind: 'refused', ...span, code, message, at, ...defined({ dn }), raw: () => rawOf(lines) }
}

function rawOf(lines: readonly PhysicalLine[]): Uint8Array {
  const kept: Buffer[] = []
  let size = 0
  for (const { bytes } of lines) {
    if (size >= ldifLimits.keptBytes) break
    kept.push(bytes.subarray(0, ldifLimits.keptBytes - size), Buffer.from('\n'))
    size += bytes.length + 1
  }
  return Uint8Array.from(Buffer.concat(kept))
}
