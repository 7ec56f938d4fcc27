import { defineKey } from '@mmf/framework'

/** Signs the checkpoints of the audit log, and nothing else: Ed25519 is what C2SP signed-note asks of a log. */
export const auditLogKey = defineKey({
  name: 'audit_log',
  purpose: 'sign',
  description: 'Signs checkpoints of the audit log',
  algorithms: ['Ed25519'],
  fixed: true,
})
