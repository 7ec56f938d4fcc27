import {
  isMmfError,
  requiresAuth,
  type SignatureFormat,
  type SigningAlgorithmName,
  traceOperation,
  trackMetrics,
} from '@mmf/framework'
import { operation } from '../operation.ts'
import { readable } from '../record-access.ts'
import { VerifySignatureRequest, VerifySignatureResponse } from '../schemas.ts'
import { signableOf } from '../subject.ts'
import { signatureRecords } from '../tables.ts'

interface ToVerify {
  readonly signature: Uint8Array
  readonly algorithm: SigningAlgorithmName
  readonly keyId: string
  readonly keyVersion: number
  readonly signatureFormat?: SignatureFormat | undefined
}

/** Verifies with the published key of that version. The configuration's list governs signing only: old signatures verify for ever. */
export const verifySignature = operation({
  name: 'verify_signature',
  description: 'Says whether a signature belongs to a document or digest. By signatureId: who may read the record.',
  input: VerifySignatureRequest,
  output: VerifySignatureResponse,
  http: { method: 'POST', path: '/v1/documents/verify' },
  concerns: [
    requiresAuth(),
    trackMetrics({
      metricName: 'document_verify_requests',
      labels: ({ output }) => ({ result: output === undefined ? 'error' : output.valid ? 'valid' : 'invalid' }),
      status: false,
    }),
    traceOperation({ operationName: 'verify_signature' }),
  ],
  async run(input, { context, call }) {
    const given = input.signature ?? (await recorded(input.signatureId ?? ''))
    const signable = signableOf(input)
    try {
      const options = { signal: call.signal, signatureFormat: given.signatureFormat }
      return await context.keys.verify(given, given.algorithm, signable, given.signature, options)
    } catch (error) {
      // A key that was never published vouches for nothing: that is an answer, not a failure.
      if (isMmfError(error, 'key_not_found')) return { valid: false, reason: 'key_not_found' }
      throw error
    }

    async function recorded(signatureId: string): Promise<ToVerify> {
      const row = await context.database.get(signatureRecords, { signatureId }, { signal: call.signal })
      return readable(row, context.access, call.principal)
    }
  },
})
