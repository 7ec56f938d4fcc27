import { type AnyTable, loggedPlatformTables } from '@mmf/framework'
import { signatureRecords } from '../../signing/tables.ts'
import { trustEntries } from '../../trust/tables/trust-entries.ts'
import { trustGenerations } from '../../trust/tables/trust-generations.ts'
import { trustProposals } from '../../trust/tables/trust-proposals.ts'
import { trustRevocations } from '../../trust/tables/trust-revocations.ts'
import { trustState } from '../../trust/tables/trust-state.ts'
import { validations } from '../../validation/tables/validations.ts'

/** Tables of Marty whose rows are records of the audit log. */
export const loggedMartyTables = [
  signatureRecords,
  validations,
  trustGenerations,
  trustEntries,
  trustRevocations,
  trustState,
  trustProposals,
] as const

/** All tables that an export of the log compares, in the order in which they are looked through. New ones come last. */
export const loggedTables: readonly (AnyTable &
  ((typeof loggedMartyTables)[number] | (typeof loggedPlatformTables)[number]))[] = [
  ...loggedMartyTables,
  ...loggedPlatformTables,
]
