import { readFileSync, statSync } from 'node:fs'
import { type Failure, failure } from './failure.ts'

/** The bytes of a file. @throws {Failure} `file_…` */
export function readBytes(path: string, maxBytes = 64 * 1024 * 1024): Uint8Array<ArrayBuffer> {
  try {
    const { size } = statSync(path)
    if (size > maxBytes) throw failure('file_too_large', `${path}: ${size} bytes; at most ${maxBytes} are read`)
    return readFileSync(path)
  } catch (error) {
    throw fileFailure(path, error)
  }
}

type FileCode = keyof typeof reasons

const codes: Readonly<Record<string, FileCode | undefined>> = {
  ENOENT: 'file_missing',
  ENOTDIR: 'file_missing',
  EISDIR: 'file_is_folder',
}

const reasons = {
  file_missing: 'no such file',
  file_is_folder: 'it is a folder',
  file_unreadable: 'it may not be read',
} as const

/** What the system says about a file, in words. Anything else comes back as it is, to be thrown. */
export function fileFailure(path: string, error: unknown): Failure | unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const code = codes[String(error.code)] ?? 'file_unreadable'
  const isKnown = code !== 'file_unreadable' || error.code === 'EACCES' || error.code === 'EPERM'
  return failure(code, `${path}: ${isKnown ? reasons[code] : error.code}`, error)
}
