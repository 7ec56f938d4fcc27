import { idempotent, MmfError, publicAccess, requiresAuth, scheduled, traceOperation } from '@mmf/framework'
import { writeNoteKey } from '@mmf/framework/transparency'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { readState } from '../log/log-state.ts'
import { logKeys, noteKeyOf } from '../log/note-key.ts'
import { sequence, sequenceAll } from '../log/sequence.ts'
import { operation } from '../operation.ts'

const AuditCheckpoint = z.strictObject({
  /** A signed note: origin, number of leaves and root (C2SP tlog-checkpoint). */
  checkpoint: z.string(),
})

/** C2SP tlog-tiles, "Checkpoints". */
const presentNote = {
  mediaTypes: ['text/plain; charset=utf-8'],
  of: ({ checkpoint }: z.input<typeof AuditCheckpoint>) => ({
    body: checkpoint,
    mediaType: 'text/plain; charset=utf-8',
  }),
} as const

export const getAuditCheckpoint = operation({
  name: 'get_audit_checkpoint',
  description: 'The latest checkpoint of the audit log: a signed note (C2SP tlog-checkpoint).',
  input: z.strictObject({}),
  output: AuditCheckpoint,
  http: { method: 'GET', path: '/v1/audit/checkpoint', present: presentNote },
  concerns: [publicAccess(), traceOperation({ operationName: 'get_audit_checkpoint' })],
  async run(_input, { context, call }) {
    const { checkpoint } = await readState(context, call.signal)
    if (checkpoint === undefined) throw new MmfError('not_found', { detail: 'no checkpoint was signed yet' })
    return { checkpoint }
  },
})

export const getAuditLogKeys = operation({
  name: 'get_audit_log_keys',
  description: 'The public keys of the audit log, oldest first, as verifiers of signed notes take them.',
  input: z.strictObject({}),
  output: z.strictObject({
    origin: z.string(),
    keys: z.array(z.strictObject({ version: z.int(), state: z.string(), verifierKey: z.string() })),
  }),
  http: { method: 'GET', path: '/v1/audit/keys' },
  concerns: [publicAccess(), traceOperation({ operationName: 'get_audit_log_keys' })],
  async run(_input, { context, config, call }) {
    const origin = config.audit_log_origin
    const versions = await logKeys(context, call.signal)
    const keys = versions.map(one => ({
      version: one.version,
      state: one.state,
      verifierKey: writeNoteKey(noteKeyOf(origin, one)),
    }))
    return { origin, keys }
  },
})

export const makeAuditCheckpoint = operation({
  name: 'make_audit_checkpoint',
  description: 'Has everything that was recorded before put under a checkpoint at once.',
  input: z.strictObject({}),
  output: AuditCheckpoint,
  http: { method: 'POST', path: '/v1/audit/checkpoints', status: 201, present: presentNote },
  concerns: [
    requiresAuth({ roles: [roles.auditor] }),
    traceOperation({ operationName: 'make_audit_checkpoint' }),
    idempotent({ afterwards: true }),
  ],
  async run(_input, { context, call }) {
    await sequenceAll(context, call)
    const { checkpoint } = await readState(context, call.signal)
    if (checkpoint === undefined) throw new MmfError('conflict', { detail: 'there is no record yet' })
    return { checkpoint }
  },
})

export const sequenceAuditLog = operation({
  name: 'sequence_audit_log',
  description: 'Gives new records their places in the audit log, and signs a checkpoint over them.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 1 }), traceOperation({ operationName: 'sequence_audit_log' })],
  async run(_input, { context, call }) {
    await sequence(context, call)
    return undefined
  },
})
