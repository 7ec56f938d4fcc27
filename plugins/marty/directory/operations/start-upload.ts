import { type Call, idempotent, isMmfError, MmfError, put, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { operation, type PkdContext } from '../operation.ts'
import { pkdUploadGrants } from '../tables/pkd-upload-grants.ts'

/** A single PUT to S3 takes at most 5 GB (S3 User Guide, "Uploading objects"). */
const maxBytes = 5_000_000_000

/** Time to begin the upload, in seconds. */
const expiresSeconds = 3600

export const uploadKey = (uploadId: string): string => `pkd/uploads/${uploadId}`

const contentTypes = { ldif: 'application/ldif', crl: 'application/pkix-crl' } as const

/** Where a file that is too large for a request goes: PUT it to the URL, then import an LDIF, or store a CRL, by its uploadId. */
export const startUpload = operation({
  name: 'start_upload',
  description: 'A URL to upload a large LDIF to, for an import, or a large CRL, for validations.',
  input: z.strictObject({
    size: z.int().min(1).max(maxBytes).meta({ description: 'bytes of the file' }),
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
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'start_upload' }),
    idempotent({ afterwards: true }),
  ],
  async run({ size, kind = 'ldif' }, { context, config, call }) {
    await takeGrant(context, config.pkd_uploads_per_hour, call)
    const uploadId = context.ids.next()
    const options = { expiresSeconds, size, contentType: contentTypes[kind] }
    const { url, headers, expiresAt } = await context.blobs.presignPut(uploadKey(uploadId), options)
    return { uploadId, method: 'PUT' as const, url, headers: { ...headers }, expiresAt }
  },
})

const attempts = 10

/**
 * Counts the URL before it is made: each allows gigabytes to be stored, and nothing else counts them.
 * @throws {MmfError} `quota_exceeded` with the seconds until the next hour
 */
async function takeGrant(
  { database, clock }: PkdContext,
  maxGrants: number,
  { principal, signal }: Call,
): Promise<void> {
  const now = clock.now()
  const key = { principal: principal?.subject ?? '', hour: now.toISOString().slice(0, 13) }
  const ends = Date.parse(`${key.hour}:00:00Z`) / 1000 + 3600
  for (let attempt = 1; ; attempt += 1) {
    const { count = 0 } = (await database.get(pkdUploadGrants, key, { signal })) ?? {}
    if (count >= maxGrants) {
      const seconds = Math.max(1, Math.ceil(ends - now.getTime() / 1000))
      const detail = `${count} uploads were begun in this hour, ${maxGrants} are allowed (pkd_uploads_per_hour)`
      throw new MmfError('quota_exceeded', {
        detail,
        members: { allowed: maxGrants },
        headers: { 'retry-after': `${seconds}` },
      })
    }
    const row = { ...key, count: count + 1, expiresAt: ends + 3600 }
    const when = count === 0 ? 'absent' : { count }
    try {
      return await database.write(put(pkdUploadGrants, row, { when }), { signal })
    } catch (error) {
      if (!isMmfError(error, 'database_conflict') || attempt === attempts) throw error
    }
  }
}
