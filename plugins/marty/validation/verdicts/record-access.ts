import { type Call, MmfError } from '@mmf/framework'
import { seesAll } from '../../records/sees-all.ts'
import type { ValidationContext } from '../operation.ts'
import { readValidation, type ValidationRow, validations } from '../tables/validations.ts'

/** A stored verdict for who may see it. To others it does not exist. @throws {MmfError} `validation_not_found` */
export async function visibleRow(
  validationId: string,
  { context, call }: { context: ValidationContext; call: Call },
): Promise<ValidationRow> {
  const stored = await context.database.get(validations, { validationId }, { signal: call.signal })
  const row = stored === undefined ? undefined : readValidation(stored)
  if (row === undefined || (row.principal !== call.principal?.subject && !seesAll(context.access, call.principal))) {
    throw new MmfError('validation_not_found')
  }
  return row
}
