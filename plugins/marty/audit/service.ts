import { defineService } from '@mmf/framework'
import { exportSignatures } from './operations/export-signatures.ts'
import { exportValidations } from './operations/export-validations.ts'
import { listValidations } from './operations/list-validations.ts'

export const audit = defineService({
  name: 'audit',
  description: 'Lists verdicts, exports the records of signatures and verdicts',
  operations: { listValidations, exportSignatures, exportValidations },
})
