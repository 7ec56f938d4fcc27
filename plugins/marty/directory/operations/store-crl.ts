import { idempotent, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { type CertificateList, isPkiError, parseCrl, parsePem } from '@mmf/pki'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { objectKey } from '../entries/object-content.ts'
import { operation, type PkdContext } from '../operation.ts'
import { uploadKey } from './start-upload.ts'

/** The largest list that is stored for validations, bytes. A million entries with a reason code are about 40 MB. */
const maxStoredCrlBytes = 64_000_000

/**
 * Stores an uploaded CRL for validations to name by its SHA-256. The list becomes no entry of the directory, is in none of its exports, and nothing
 * is believed of it.
 */
export const storeCrl = operation({
  name: 'store_crl',
  description: 'Stores an uploaded revocation list, for validations to name by its fingerprint.',
  input: z.strictObject({ upload: z.uuid().meta({ description: 'the uploadId of POST /v1/pkd/uploads: DER or PEM' }) }),
  output: z.strictObject({
    /** SHA-256 of the CRL in DER, lower-case hex. */
    fingerprint: z.string(),
    size: z.int(),
    issuer: z.string(),
    thisUpdate: z.iso.datetime(),
    nextUpdate: z.optional(z.iso.datetime()),
  }),
  http: { method: 'POST', path: '/v1/pkd/crls', load: 'import', status: 201 },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'store_crl' }),
    idempotent({ afterwards: true }),
  ],
  async run({ upload }, { context, call }) {
    const { signal } = call
    const { blobs } = context
    const list = readList(await uploaded(context, upload, signal))
    const { der, fingerprint, issuer, thisUpdate, nextUpdate } = list
    const key = objectKey(fingerprint)
    if ((await blobs.head(key, { signal })) === undefined) {
      await blobs.put(key, der, { contentType: 'application/pkix-crl', maxBytes: maxStoredCrlBytes, signal })
    }
    await blobs.delete(uploadKey(upload), { signal })
    return {
      fingerprint,
      size: der.length,
      issuer: issuer.toString().slice(0, 1000),
      thisUpdate: new Date(thisUpdate).toISOString(),
      ...(nextUpdate === undefined ? {} : { nextUpdate: new Date(nextUpdate).toISOString() }),
    }
  },
})

/** @throws {MmfError} `import_input_invalid` where nothing was uploaded; `payload_too_large` */
async function uploaded({ blobs }: PkdContext, upload: string, signal: AbortSignal): Promise<Uint8Array> {
  const found = await blobs.get(uploadKey(upload), { signal })
  if (found === undefined) {
    throw new MmfError('import_input_invalid', { detail: 'nothing was uploaded under this id' })
  }
  const { size } = found.info
  if (size > maxStoredCrlBytes) {
    throw new MmfError('payload_too_large', { detail: `${size} bytes; a CRL may have ${maxStoredCrlBytes}` })
  }
  const pieces: Uint8Array[] = []
  for await (const piece of found.body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** @throws {MmfError} `crl_malformed` */
function readList(bytes: Uint8Array): CertificateList {
  try {
    const isPem = Buffer.from(bytes.subarray(0, 11)).toString('latin1') === '-----BEGIN '
    if (!isPem) return parseCrl(bytes)
    const block = parsePem(Buffer.from(bytes).toString('latin1')).find(({ label }) => label === 'X509 CRL')
    if (block === undefined) throw new MmfError('crl_malformed', { detail: 'there is no X509 CRL in the text' })
    return parseCrl(block.der)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    throw new MmfError('crl_malformed', { detail: cause.message, cause })
  }
}
