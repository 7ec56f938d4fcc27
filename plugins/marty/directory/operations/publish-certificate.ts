import { idempotent, insert, MmfError, put, requiresAuth, traceOperation } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { readCertificateText } from '../../certificates/certificate-text.ts'
import { newRevisions } from '../entries/directory-change.ts'
import { toEntry } from '../entries/to-entry.ts'
import { changedRow, newRow } from '../entry/build-row.ts'
import { readCertificate } from '../entry/certificate-entry.ts'
import { judgeConformance } from '../entry/conformance.ts'
import { EntryRefused } from '../entry/entry-refused.ts'
import { rankOf } from '../entry/rank.ts'
import { trustedCscas } from '../import/csca-source.ts'
import { operation, type PkdContext } from '../operation.ts'
import { orConflict } from '../or-conflict.ts'
import { forgetLookups } from '../queries/lookup-cache.ts'
import { DirectoryEntry, SourceName } from '../schemas.ts'
import { type PublicKeyRow, publicKeys } from '../tables/pkd-public-keys.ts'

const Input = z.strictObject({
  certificate: z
    .string()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'one certificate: PEM, base64 of DER, or a PKCS #7 bundle that holds it' }),
  source: z.optional(SourceName),
  restore: z.optional(z.boolean().meta({ description: 'publishes a withdrawn certificate again; default false' })),
})

const Output = z.strictObject({
  /** The directory did not hold the certificate before. */
  created: z.boolean(),
  entry: DirectoryEntry,
})

/** Puts one certificate into the directory. Publishing it again changes nothing, unless its conformance is now another. */
export const publishCertificate = operation({
  name: 'publish_certificate',
  description: 'Publishes a certificate in the directory.',
  input: Input,
  output: Output,
  http: { method: 'POST', path: '/v1/pkd/certificates', status: ({ created }) => (created ? 201 : 200) },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'publish_certificate' }),
    idempotent(),
  ],
  async run({ certificate: text, source = 'publish', restore = false }, { context, call }) {
    const certificate = onlyCertificate(text)
    const { signal } = call
    const again = await judgedRow(signal, certificate, context, source, call.principal?.subject ?? '')
    const before = await context.database.get(publicKeys, { fingerprint: again.fingerprint }, { signal })
    if (before?.status === 'withdrawn' && !restore) {
      throw new MmfError('certificate_withdrawn', {
        detail: `withdrawn at ${before.withdrawal?.at}; restore publishes it`,
      })
    }
    const row = before === undefined ? again : published(before, again)
    const answer = { created: before === undefined, entry: toEntry(row ?? before ?? again) }
    const writes =
      row === undefined
        ? []
        : [
            before === undefined
              ? insert(publicKeys, row)
              : put(publicKeys, row, { when: { revision: before.revision } }),
            ...newRevisions(context, [row.collection, ...(before === undefined ? [] : [before.collection])]),
          ]
    const all = [...writes, ...(call.idempotency?.complete(answer) ?? [])]
    if (all.length > 0) await orConflict(context.database.transaction(all, { signal }))
    if (row !== undefined) await forgetLookups(context)
    return answer
  },
})

async function judgedRow(
  signal: AbortSignal,
  certificate: Certificate,
  context: PkdContext,
  source: string,
  principal: string,
): Promise<PublicKeyRow> {
  const now = context.clock.now().toISOString()
  const verdict = await judgeConformance(certificate, trustedCscas(context, signal))
  if (verdict.forged) {
    throw new MmfError('certificate_refused', { detail: `its issuer is trusted here: ${verdict.findings.join(', ')}` })
  }
  return refusing(() => newRow(certificate, verdict, { collection: '001', source, principal, now }))
}

/** The row that publishing leaves; undefined where nothing changes. What an import said of the entry stays. */
function published(before: PublicKeyRow, again: PublicKeyRow): PublicKeyRow | undefined {
  const { conformance, findings, updatedAt } = again
  if (before.status === 'published') return changedRow(before, { ...before, conformance, findings, updatedAt })
  const { withdrawal: _withdrawal, ...rest } = before
  const row = { ...rest, status: 'published' as const, conformance, findings, updatedAt, revision: before.revision + 1 }
  return { ...row, rank: rankOf(row) }
}

/** @throws {MmfError} `certificate_malformed` */
function onlyCertificate(text: string): Certificate {
  const { certificates } = readCertificateText(text, 'certificate')
  const [certificate] = certificates
  if (certificate === undefined || certificates.length > 1) {
    const message = `${certificates.length} certificates; publish takes one, an import takes many`
    throw new MmfError('certificate_malformed', {
      detail: `certificate: ${message}`,
      errors: [{ path: 'certificate', message, code: 'certificate_malformed' }],
    })
  }
  return refusing(() => readCertificate(certificate.der))
}

function refusing<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof EntryRefused)) throw cause
    throw new MmfError('certificate_malformed', {
      detail: `certificate: ${cause.message}`,
      errors: [{ path: 'certificate', message: cause.message, code: cause.code }],
      cause,
    })
  }
}
