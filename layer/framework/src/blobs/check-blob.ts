import { MmfError } from '../errors/mmf-error.ts'
import type { BlobBody } from './blobs.ts'

export const blobLimits = {
  keyCharacters: 512,
  defaultMaxBytes: 100 * 1024 * 1024,
  pageBlobs: 1000,
  pageBlobsDefault: 100,
  /** Seconds; SigV4 allows no more than 7 days. */
  maxPresignedSeconds: 7 * 86_400,
} as const

export const defaultContentType = 'application/octet-stream'

/** The blobs of a plugin that are written once begin so, below the plugin's own name. */
export const lockedPrefix = 'locked/'

/** Whether a key, with the name of its plugin before it, is one of a blob that is written once. */
export const isLockedKey = (key: string): boolean => key.slice(key.indexOf('/') + 1).startsWith(lockedPrefix)

/** @throws {MmfError} `malformed_request` for anything that is no plain path, `..` above all */
export function checkBlobKey(key: string): void {
  const segments = key.split('/')
  const plain = segments.every(segment => /^[\w.-]+$/.test(segment) && !/^\.+$/.test(segment))
  if (plain && key.length <= blobLimits.keyCharacters) return
  throw new MmfError('malformed_request', { detail: 'not a blob key' })
}

/** A prefix may also be empty, or end within a segment or with a slash. */
export function checkBlobPrefix(prefix: string): void {
  if (/^[\w./-]*$/.test(prefix) && prefix.length <= blobLimits.keyCharacters) return
  throw new MmfError('malformed_request', { detail: 'not a prefix of blob keys' })
}

/** @throws {MmfError} `malformed_request` */
export function checkBlobLimit(limit: number = blobLimits.pageBlobsDefault): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= blobLimits.pageBlobs) return limit
  throw new MmfError('malformed_request', { detail: `a page has 1 to ${blobLimits.pageBlobs} blobs` })
}

/** @throws {MmfError} `malformed_request` */
export function checkExpiry(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= blobLimits.maxPresignedSeconds) return seconds
  throw new MmfError('malformed_request', {
    detail: `a URL is valid for 1 to ${blobLimits.maxPresignedSeconds} seconds`,
  })
}

/** The chunks of a body, counted. @throws {MmfError} `payload_too_large` as soon as there are more than `maxBytes` */
export async function* countedChunks(body: BlobBody, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body consists of bytes')
    size += chunk.byteLength
    if (size > maxBytes) throw new MmfError('payload_too_large', { detail: `more than ${maxBytes} bytes` })
    yield chunk
  }
}

export function unavailable(cause: unknown, detail = 'the blob store'): MmfError {
  return new MmfError('service_unavailable', { detail, cause })
}
