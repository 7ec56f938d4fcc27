import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { MmfError } from '../errors/mmf-error.ts'

/** We ask for no encoding; some servers (S3 objects, caches) send one all the same. More than one layer is refused. */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/**
 * Reads the body piece by piece, unpacked, never more than `maxBytes`: neither on the wire nor after unpacking, so a decompression bomb
 * ends at the limit with little memory used.
 *
 * @returns the number of bytes
 * @throws {MmfError} `egress_too_large`, `egress_failed`; what `sink` throws
 */
export async function readBody(
  message: IncomingMessage,
  maxBytes: number,
  sink: (chunk: Uint8Array) => void | Promise<void>,
): Promise<number> {
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const body = decoded(message)
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    await sink(chunk)
  }
  return size
}

function decoded(message: IncomingMessage): Readable {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return message
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (decoder === undefined) throw new MmfError('egress_failed', { detail: 'the content encoding is not known' })
  const unpacked = decoder()
  message.on('error', error => unpacked.destroy(error))
  unpacked.on('close', () => message.destroy())
  return message.pipe(unpacked)
}

function tooLarge(maxBytes: number): MmfError {
  return new MmfError('egress_too_large', { detail: `more than ${maxBytes} bytes`, members: { maxBytes } })
}
