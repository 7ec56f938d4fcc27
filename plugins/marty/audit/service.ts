import { defineService } from '@mmf/framework'
import {
  getAuditCheckpoint,
  getAuditLogKeys,
  makeAuditCheckpoint,
  sequenceAuditLog,
} from './operations/audit-checkpoint.ts'
import { getAuditConsistency, getSignatureInclusion, getValidationInclusion } from './operations/audit-proofs.ts'
import { getAuditTile1, getAuditTile2, getAuditTile3, getAuditTile4 } from './operations/audit-tiles.ts'
import { exportAuditLog } from './operations/export-audit-log.ts'
import { exportSignatures } from './operations/export-signatures.ts'
import { exportValidations } from './operations/export-validations.ts'
import { listValidations } from './operations/list-validations.ts'

export const audit = defineService({
  name: 'audit',
  description:
    'Lists verdicts, exports the records of signatures and verdicts, keeps the tamper-evident log of all records',
  operations: {
    listValidations,
    exportSignatures,
    exportValidations,
    getAuditCheckpoint,
    getAuditLogKeys,
    makeAuditCheckpoint,
    sequenceAuditLog,
    getAuditTile1,
    getAuditTile2,
    getAuditTile3,
    getAuditTile4,
    getSignatureInclusion,
    getValidationInclusion,
    getAuditConsistency,
    exportAuditLog,
  },
})
