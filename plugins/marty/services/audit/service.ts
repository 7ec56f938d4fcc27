import { defineService } from '@mmf/framework'
import { exportSignatures } from './export-signatures.ts'
import { exportValidations } from './export-validations.ts'
import { listValidations } from './list-validations.ts'

export const audit = defineService({
  name: 'audit',
  description: 'Lists verdicts, exports the records of signatures and verdicts',
  operations: { listValidations, exportSignatures, exportValidations },
})
