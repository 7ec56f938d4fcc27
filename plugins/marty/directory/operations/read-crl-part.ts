import { base64, integerText, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { objectKey } from '../entries/object-content.ts'
import { operation } from '../operation.ts'
import { Fingerprint } from '../schemas.ts'

/** Bytes of one part: with base64 it fits into an answer between functions, 6 MB. */
const partBytes = 3_500_000

/**
 * A part of a list that lies in the blobs of this service: of the directory, or stored for validations. For other services, which have no access to
 * blobs: lists are too large for one answer.
 */
export const readCrlPart = operation({
  name: 'read_crl_part',
  description: 'A part of a stored revocation list, for other services.',
  input: z.strictObject({ fingerprint: Fingerprint, offset: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  output: z.strictObject({
    /** Bytes of the whole list. */
    size: z.int(),
    content: base64({ description: 'the bytes from the offset on' }),
  }),
  http: { method: 'GET', path: '/v1/pkd/crls/{fingerprint}/part' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'read_crl_part' })],
  async run({ fingerprint, offset }, { context, call }) {
    const { signal } = call
    const key = objectKey(fingerprint)
    const info = await context.blobs.head(key, { signal })
    if (info === undefined || offset >= info.size) {
      throw new MmfError('not_found', { detail: `no list of ${fingerprint} has bytes from ${offset} on` })
    }
    const range = { start: offset, end: Math.min(offset + partBytes, info.size) - 1 }
    const stored = await context.blobs.get(key, { range, signal })
    if (stored === undefined) throw new MmfError('not_found', { detail: `no list of ${fingerprint}` })
    const pieces: Uint8Array[] = []
    for await (const piece of stored.body) pieces.push(piece)
    return { size: info.size, content: Buffer.concat(pieces) }
  },
})
