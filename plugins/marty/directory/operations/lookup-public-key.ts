import { MmfError, requiresAuth, traceOperation, trackMetrics, type Value } from '@mmf/framework'
import * as z from 'zod'
import { toEntry } from '../entries/to-entry.ts'
import { operation } from '../operation.ts'
import { bestRow, certificateQuery } from '../queries/certificate-query.ts'
import { lookupKey, negativeTtlSeconds } from '../queries/lookup-cache.ts'
import { certificateReference, DirectoryEntry } from '../schemas.ts'

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
    traceOperation({ operationName: 'pkd_key_lookup', tags: { service: 'pkd_service' } }),
  ],
  async run(input, { context, config, call, label }) {
    const { via, matches, canonical } = certificateQuery(input)
    if (via === undefined) throw new MmfError('public_key_not_found')
    const ttlSeconds = config.pkd_cache_ttl
    const { value, hit } = await context.cache.getOrLoad<CachedEntry>(
      lookupKey(canonical),
      { ttlSeconds, negativeTtlSeconds, logger: call.logger },
      async () => {
        const row = await bestRow(context, via, matches, call.signal)
        return row === undefined ? undefined : (toEntry(row) as CachedEntry)
      },
    )
    label('cache_hit', String(hit))
    if (value === undefined) throw new MmfError('public_key_not_found')
    return value
  },
})

/** An entry as the cache keeps it. Fields that are not there are absent, never undefined. */
type CachedEntry = DirectoryEntry & { readonly [name: string]: Value }
