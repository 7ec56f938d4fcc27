import { reads, writes } from '@mmf/framework'
import { trustCertificates } from '../tables/trust-certificates.ts'
import { trustEntries } from '../tables/trust-entries.ts'
import { trustGenerations } from '../tables/trust-generations.ts'
import { trustJournal } from '../tables/trust-journal.ts'
import { trustState } from '../tables/trust-state.ts'

/** What a service needs to read the trust store. */
export const trustReads = [
  reads(trustState),
  reads(trustGenerations),
  reads(trustEntries),
  reads(trustCertificates),
] as const

/** What a service needs to change it. */
export const trustWrites = [
  writes(trustState),
  writes(trustGenerations),
  writes(trustEntries),
  writes(trustCertificates),
  writes(trustJournal),
] as const

export type TrustReadTable =
  | typeof trustState
  | typeof trustGenerations
  | typeof trustEntries
  | typeof trustCertificates
export type TrustWriteTable = TrustReadTable | typeof trustJournal
