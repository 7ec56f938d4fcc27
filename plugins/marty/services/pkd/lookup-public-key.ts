import { MmfError, requiresAuth, traceOperation, trackMetrics } from '@mmf/framework'
import * as z from 'zod'
import { certificateQuery, matchingRows } from './certificate-query.ts'
import { operation } from './operation.ts'
import { certificateReference, DirectoryEntry } from './schemas.ts'
import { toEntry } from './to-entry.ts'

const Input = z
  .strictObject(certificateReference)
  .refine(
    ({ subject, keyIdentifier, fingerprint, issuer, serialNumber }) =>
      subject !== undefined ||
      keyIdentifier !== undefined ||
      fingerprint !== undefined ||
      (issuer !== undefined && serialNumber !== undefined),
    { error: 'one of subject, keyIdentifier, fingerprint, or issuer with serialNumber', path: ['subject'] },
  )

/**
 * The public key that a subject, key identifier, issuer and serial number, or fingerprint names. Where several certificates do, the best:
 * conforming before unverified, newer before older. Withdrawn ones are not found.
 */
export const lookupPublicKey = operation({
  name: 'lookup_public_key',
  description: 'The public key of a subject, key identifier, issuer and serial number, or fingerprint.',
  input: Input,
  output: DirectoryEntry,
  http: { method: 'GET', path: '/v1/pkd/keys' },
  concerns: [
    requiresAuth(),
    trackMetrics({ metricName: 'pkd_lookup_requests', status: false }),
    traceOperation({ operationName: 'pkd_key_lookup' }),
  ],
  async run(input, { context, call, label }) {
    const { via, matches } = certificateQuery(input)
    if (via === undefined) throw new MmfError('public_key_not_found')
    label('cache_hit', 'false')
    const found = await matchingRows(context, via, {
      matches: row => row.status === 'published' && matches(row),
      limit: 1,
      signal: call.signal,
    })
    const [row] = found.rows
    if (row === undefined) throw new MmfError('public_key_not_found')
    return toEntry(row)
  },
})
