import {
  idempotent,
  insert,
  MmfError,
  requiresAuth,
  type SigningAlgorithmName,
  signingAlgorithmNames,
  traceOperation,
  trackMetrics,
} from '@mmf/framework'
import { permissions, roles } from '../../access.ts'
import { entryOf, signatureEntries } from '../../records/tables/record-entries.ts'
import { documentSigned } from '../events/document-signed.ts'
import { operation } from '../operation.ts'
import { shownFormat } from '../record-access.ts'
import { SignDocumentRequest, SignDocumentResponse } from '../schemas.ts'
import { documentHash, signableOf } from '../subject.ts'
import { signatureRecords } from '../tables.ts'

/** What the caller typed never becomes a metric label: labels must stay few. */
const algorithmLabel = (name: string) => signingAlgorithmNames.find(known => known === name) ?? 'other'

/**
 * authorize → validate → digest → key service → one transaction (record, event, idempotency) → answer.
 * A signature leaves only after its record is committed.
 */
export const signDocument = operation({
  name: 'sign_document',
  description: 'Signs a document, or a digest of one made by the client.',
  input: SignDocumentRequest,
  output: SignDocumentResponse,
  http: { method: 'POST', path: '/v1/documents/sign', load: 'sign', status: 201 },
  concerns: [
    requiresAuth({ roles: [roles.documentSigner], permissions: [permissions.signDocuments] }),
    trackMetrics({
      metricName: 'document_sign_requests',
      timing: true,
      labels: ({ input }) => ({ algorithm: algorithmLabel(input.signingAlgorithm) }),
    }),
    traceOperation({ operationName: 'sign_document' }),
    idempotent(),
  ],
  async run(input, { context, config, call }) {
    const { database, keys, events, clock, ids } = context
    const algorithm = allowedAlgorithm(input.signingAlgorithm, config.signing_algorithms)
    const signable = signableOf(input)
    const { signal, correlationId, span } = call
    const { signatureFormat } = input
    const options = { signal, signatureFormat }
    const { signature, keyId, keyVersion } = await keys.sign('document_signer', algorithm, signable, options)

    const timestamp = clock.now().toISOString()
    const principal = principalOf(call.principal)
    const hashed = documentHash(signable, algorithm)
    const made = {
      signatureId: ids.next(),
      signature,
      algorithm,
      keyId,
      keyVersion,
      timestamp,
      documentHash: hashed.documentHash,
    }
    const answer = { ...made, ...shownFormat({ algorithm, signatureFormat }) }
    const form = signatureFormat === 'p1363' ? { signatureFormat } : {}
    const row = { ...made, ...form, ...hashed, principal, correlationId }
    const { signatureId } = made
    const entry = entryOf({ id: signatureId, principal, subject: hashed.documentHash, trait: algorithm })
    const signed = { signatureId, principal, algorithm, keyId, keyVersion, ...hashed }
    await database.transaction(
      [
        insert(signatureRecords, row),
        insert(signatureEntries, entry),
        events.outbox(documentSigned, signed, { subject: signatureId, correlationId, span }),
        ...(call.idempotency?.complete(answer) ?? []),
      ],
      { signal },
    )
    return answer
  },
})

/** @throws {MmfError} `algorithm_not_allowed`, naming those that are */
function allowedAlgorithm(name: string, allowed: readonly SigningAlgorithmName[]): SigningAlgorithmName {
  const found = allowed.find(candidate => candidate === name)
  if (found !== undefined) return found
  throw new MmfError('algorithm_not_allowed', {
    detail: `signingAlgorithm: ${JSON.stringify(name)}; allowed: ${allowed.join(', ')}`,
    members: { allowed },
    errors: [{ path: 'signingAlgorithm', message: `allowed: ${allowed.join(', ')}`, code: 'algorithm_not_allowed' }],
  })
}

/** requiresAuth has run, so the principal is there; a record without one must be impossible all the same. */
function principalOf(principal: { readonly subject: string } | undefined): string {
  if (principal === undefined) throw new MmfError('authentication_required')
  return principal.subject
}
