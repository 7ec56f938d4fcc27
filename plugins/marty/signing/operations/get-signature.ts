import { requiresAuth, traceOperation } from '@mmf/framework'
import { operation } from '../operation.ts'
import { readable, readers, toRecord } from '../record-access.ts'
import { SignatureRecord, SignatureReference } from '../schemas.ts'
import { signatureRecords } from '../tables.ts'

/** The audit record of one signature: for the signer who made it and for auditors. To others it does not exist. */
export const getSignature = operation({
  name: 'get_signature',
  description: 'The audit record of one signature: own ones for a signer, all for an auditor.',
  input: SignatureReference,
  output: SignatureRecord,
  http: { method: 'GET', path: '/v1/signatures/{signatureId}' },
  concerns: [requiresAuth({ roles: readers }), traceOperation({ operationName: 'get_signature' })],
  async run({ signatureId }, { context, call }) {
    const row = await context.database.get(signatureRecords, { signatureId }, { signal: call.signal })
    return toRecord(readable(row, context.access, call.principal))
  },
})
