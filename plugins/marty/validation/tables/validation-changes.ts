import { table } from '@mmf/framework'
import * as z from 'zod'

/** Why stored verdicts were looked at again. */
export const changeCauses = [
  'certificate_revoked',
  'trust_anchor_distrusted',
  'trust_anchor_restored',
  'master_list_updated',
] as const

/** The last change of a verdict that a revalidation found; absent where there was none. The stored verdict itself never changes. */
const ChangeRow = z.strictObject({
  validationId: z.string(),
  valid: z.boolean(),
  cause: z.enum(changeCauses),
  /** SHA-256 of the certificate that it rests on and that the cause is about. */
  fingerprint: z.string(),
  generation: z.int(),
  /** Codes of the findings. */
  findings: z.array(z.string()),
  changedAt: z.iso.datetime(),
})
export type ChangeRow = z.output<typeof ChangeRow>

export const validationChanges = table({ name: 'validation_changes', row: ChangeRow, partition: 'validationId' })
