import { readFileSync } from 'node:fs'
import { FileError } from './cert-file.ts'

/** The bytes of a file. @throws {FileError} */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause
    throw new FileError(`${file}: ${cause.message}`, { cause })
  }
}
