import { Buffer } from 'node:buffer'

/** Byte equality of public data; not constant in time. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  if (a.length > 64) return Buffer.compare(a, b) === 0
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** A string with one character per byte: the cheapest exact map key for bytes. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The octets that hexadecimal text stands for: for constants. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/** Whether `source` holds exactly these octets from `start` on. */
export function hasBytesAt(source: Uint8Array, start: number, bytes: Uint8Array): boolean {
  if (source.length - start < bytes.length) return false
  for (let index = 0; index < bytes.length; index++) if (source[start + index] !== bytes[index]) return false
  return true
}
