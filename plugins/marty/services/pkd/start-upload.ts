import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { administrator, operation } from './operation.ts'

/** A single PUT to S3 takes at most 5 GB (S3 User Guide, "Uploading objects"). */
const largest = 5_000_000_000

/** Time to begin the upload, in seconds. */
const expiresSeconds = 3600

export const uploadKey = (uploadId: string): string => `pkd/uploads/${uploadId}`

const contentTypes = { ldif: 'application/ldif', crl: 'application/pkix-crl' } as const

/** Where a file that is too large for a request goes: PUT it to the URL, then import an LDIF, or store a CRL, by its uploadId. */
export const startUpload = operation({
  name: 'start_upload',
  description: 'A URL to upload a large LDIF to, for an import, or a large CRL, for validations.',
  input: z.strictObject({
    size: z.int().min(1).max(largest).meta({ description: 'bytes of the file' }),
    kind: z.optional(z.enum(['ldif', 'crl']).meta({ description: 'decides the content type; default ldif' })),
  }),
  output: z.strictObject({
    uploadId: z.uuid(),
    method: z.literal('PUT'),
    url: z.string(),
    /** To be sent exactly so. */
    headers: z.record(z.string(), z.string()),
    expiresAt: z.iso.datetime(),
  }),
  http: { method: 'POST', path: '/v1/pkd/uploads', status: 201 },
  concerns: [
    requiresAuth({ roles: [administrator] }),
    traceOperation({ operationName: 'start_upload' }),
    idempotent({ afterwards: true }),
  ],
  async run({ size, kind = 'ldif' }, { context }) {
    const uploadId = context.ids.next()
    const options = { expiresSeconds, size, contentType: contentTypes[kind] }
    const { url, headers, expiresAt } = await context.blobs.presignPut(uploadKey(uploadId), options)
    return { uploadId, method: 'PUT' as const, url, headers: { ...headers }, expiresAt }
  },
})
