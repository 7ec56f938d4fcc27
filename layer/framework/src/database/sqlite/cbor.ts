import type { Value } from '../table.ts'

// RFC 8949 §3: the subset that rows need. Integers take their shortest form, other numbers 64 bits, lengths are definite.
const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, simple: 7 } as const
const simple = { false: 20, true: 21, null: 22, float64: 27 } as const
const twoTo32 = 0x1_0000_0000

/** Encodes a value; field order is kept, bytes stay bytes. */
export function encodeCbor(value: Value): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
  writer.value(value)
  return writer.finish()
}

/** Decodes what `encodeCbor` wrote. @throws {RangeError} for anything else, trailing bytes included. */
export function decodeCbor(bytes: Uint8Array): Value {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  reader.end()
  return value
}

class Writer {
  private buffer = Buffer.allocUnsafe(512)
  private length = 0

  value(value: Value): void {
    if (value === null) this.head(major.simple, simple.null)
    else if (typeof value === 'boolean') this.head(major.simple, value ? simple.true : simple.false)
    else if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.number(value)
    else if (value instanceof Uint8Array) this.bytes(value)
    else if (Array.isArray(value)) this.array(value as readonly Value[])
    else this.map(value as { readonly [name: string]: Value })
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer.subarray(0, this.length))
  }

  private head(type: number, argument: number): void {
    this.reserve(9)
    if (argument < 24) this.buffer[this.length++] = (type << 5) | argument
    else if (argument < 0x100) {
      this.buffer[this.length++] = (type << 5) | 24
      this.length = this.buffer.writeUInt8(argument, this.length)
    } else if (argument < 0x10000) {
      this.buffer[this.length++] = (type << 5) | 25
      this.length = this.buffer.writeUInt16BE(argument, this.length)
    } else if (argument < twoTo32) {
      this.buffer[this.length++] = (type << 5) | 26
      this.length = this.buffer.writeUInt32BE(argument, this.length)
    } else {
      this.buffer[this.length++] = (type << 5) | 27
      this.length = this.buffer.writeUInt32BE(Math.floor(argument / twoTo32), this.length)
      this.length = this.buffer.writeUInt32BE(argument % twoTo32, this.length)
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value >= 0) this.head(major.unsigned, value)
      else this.head(major.negative, -1 - value)
      return
    }
    this.reserve(9)
    this.buffer[this.length++] = (major.simple << 5) | simple.float64
    this.length = this.buffer.writeDoubleBE(value, this.length)
  }

  private text(value: string): void {
    const size = Buffer.byteLength(value)
    this.head(major.text, size)
    this.reserve(size)
    this.length += this.buffer.write(value, this.length)
  }

  private bytes(value: Uint8Array): void {
    this.head(major.bytes, value.byteLength)
    this.reserve(value.byteLength)
    this.buffer.set(value, this.length)
    this.length += value.byteLength
  }

  private array(values: readonly Value[]): void {
    this.head(major.array, values.length)
    for (const value of values) this.value(value)
  }

  private map(map: { readonly [name: string]: Value }): void {
    const entries = Object.entries(map)
    this.head(major.map, entries.length)
    for (const [name, value] of entries) {
      this.text(name)
      this.value(value)
    }
  }

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size))
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }
}

const deepest = 64

class Reader {
  private readonly buffer: Buffer
  private position = 0

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(depth: number): Value {
    if (depth > deepest) throw new RangeError('CBOR is nested too deeply')
    const first = this.buffer.readUInt8(this.position++)
    const type = first >> 5
    const low = first & 31
    if (type === major.simple) return this.simple(low)
    const argument = this.argument(low)
    switch (type) {
      case major.unsigned:
        return argument
      case major.negative:
        return -1 - argument
      case major.bytes:
        return new Uint8Array(this.take(argument))
      case major.text:
        return this.take(argument).toString('utf8')
      case major.array:
        return this.array(argument, depth)
      case major.map:
        return this.map(argument, depth)
      default:
        throw new RangeError('CBOR tags are not used here')
    }
  }

  end(): void {
    if (this.position !== this.buffer.length) throw new RangeError('CBOR has trailing bytes')
  }

  private array(count: number, depth: number): Value[] {
    const values: Value[] = []
    for (let i = 0; i < count; i++) values.push(this.value(depth + 1))
    return values
  }

  private map(count: number, depth: number): { [name: string]: Value } {
    const map: { [name: string]: Value } = {}
    for (let i = 0; i < count; i++) {
      const name = this.value(depth + 1)
      if (typeof name !== 'string') throw new RangeError('CBOR map names are text')
      // Not an assignment: a field called __proto__ must stay a field.
      Object.defineProperty(map, name, {
        value: this.value(depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return map
  }

  private simple(low: number): Value {
    if (low === simple.null) return null
    if (low === simple.true) return true
    if (low === simple.false) return false
    if (low !== simple.float64) throw new RangeError('CBOR simple value is not used here')
    const value = this.buffer.readDoubleBE(this.position)
    this.position += 8
    return value
  }

  private argument(low: number): number {
    if (low < 24) return low
    const at = this.position
    if (low === 24) {
      this.position += 1
      return this.buffer.readUInt8(at)
    }
    if (low === 25) {
      this.position += 2
      return this.buffer.readUInt16BE(at)
    }
    if (low === 26) {
      this.position += 4
      return this.buffer.readUInt32BE(at)
    }
    if (low !== 27) throw new RangeError('CBOR length is not definite')
    this.position += 8
    return this.buffer.readUInt32BE(at) * twoTo32 + this.buffer.readUInt32BE(at + 4)
  }

  private take(size: number): Buffer {
    const end = this.position + size
    if (end > this.buffer.length) throw new RangeError('CBOR is truncated')
    const part = this.buffer.subarray(this.position, end)
    this.position = end
    return part
  }
}
