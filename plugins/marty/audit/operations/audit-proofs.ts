import { type Call, integerText, MmfError, requiresAuth, traceOperation, type Value } from '@mmf/framework'
import { readCheckpoint, readNote, tiledTree } from '@mmf/framework/transparency'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { signatureRecords } from '../../signing/tables.ts'
import { validations } from '../../validation/tables/validations.ts'
import { tilesIn } from '../log/log-blobs.ts'
import { readState } from '../log/log-state.ts'
import { auditLogEntries } from '../log/tables.ts'
import { recordHash } from '../log/take-places.ts'
import { type AuditContext, operation } from '../operation.ts'

const hash = z.string().meta({ description: 'SHA-256, base64' })
const base64Of = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

const Inclusion = z.strictObject({
  /** The place of the record's first leaf in the log. */
  index: z.int().gte(0),
  /** What is hashed, as it is. */
  leaf: z.string(),
  /** RFC 9162 §2.1.3.1, from the leaf to the root of the checkpoint. */
  proof: z.array(hash),
  checkpoint: z.string(),
})

/** The latest checkpoint and the tree under it. */
async function treeOf(context: AuditContext, signal: AbortSignal) {
  const { checkpoint = '' } = await readState(context, signal)
  const { size = 0 } = readCheckpoint(readNote(checkpoint)?.text ?? '') ?? {}
  return { checkpoint, tree: tiledTree(size, tilesIn({ blobs: context.blobs, signal }).read) }
}

async function inclusionOf(context: AuditContext, table: string, key: Value, { signal }: Pick<Call, 'signal'>) {
  const query = { index: 'by_record', partition: recordHash(table, key), limit: 1 } as const
  const [entry] = (await context.database.query(auditLogEntries, query, { signal })).rows
  const { checkpoint, tree } = await treeOf(context, signal)
  if (entry === undefined || entry.index >= tree.size) {
    throw new MmfError('not_found', { detail: 'no checkpoint of the audit log covers such a record' })
  }
  const { index, leaf } = entry
  return { index, leaf, proof: (await tree.inclusionProof(index)).map(base64Of), checkpoint }
}

const auditors = <Input, Output>() => requiresAuth<Input, Output>({ roles: [roles.auditor] })

export const getSignatureInclusion = operation({
  name: 'get_signature_inclusion',
  description: 'The proof that the latest checkpoint of the audit log covers the record of a signature.',
  input: z.strictObject({ signatureId: z.uuid() }),
  output: Inclusion,
  http: { method: 'GET', path: '/v1/signatures/{signatureId}/inclusion' },
  concerns: [auditors(), traceOperation({ operationName: 'get_signature_inclusion' })],
  run: (key, { context, call }) => inclusionOf(context, signatureRecords.name, key, call),
})

export const getValidationInclusion = operation({
  name: 'get_validation_inclusion',
  description: 'The proof that the latest checkpoint of the audit log covers a verdict.',
  input: z.strictObject({ validationId: z.uuid() }),
  output: Inclusion,
  http: { method: 'GET', path: '/v1/validations/{validationId}/inclusion' },
  concerns: [auditors(), traceOperation({ operationName: 'get_validation_inclusion' })],
  run: (key, { context, call }) => inclusionOf(context, validations.name, key, call),
})

const size = integerText({ min: 0, max: Number.MAX_SAFE_INTEGER })

export const getAuditConsistency = operation({
  name: 'get_audit_consistency',
  description:
    'The proof that the log of an earlier checkpoint is the beginning of a later one; that of most leaves by default.',
  input: z.strictObject({ from: size, to: z.optional(size) }),
  output: z.strictObject({
    from: z.int(),
    to: z.int(),
    /** RFC 9162 §2.1.4.1 */
    proof: z.array(hash),
  }),
  http: { method: 'GET', path: '/v1/audit/consistency' },
  concerns: [auditors(), traceOperation({ operationName: 'get_audit_consistency' })],
  async run({ from, to: asked }, { context, call: { signal } }) {
    const { tree: latest } = await treeOf(context, signal)
    const to = asked ?? latest.size
    if (from > to || to > latest.size) {
      const message = `from is at most to, and to at most the ${latest.size} leaves of the latest checkpoint`
      throw new MmfError('validation_failed', {
        detail: message,
        errors: [{ path: from > to ? 'from' : 'to', message }],
      })
    }
    // The tiles of the latest checkpoint hold those of every earlier tree.
    const proof = await latest.consistencyProof(from, to)
    return { from, to, proof: proof.map(base64Of) }
  },
})
