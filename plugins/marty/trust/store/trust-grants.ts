import { type PlatformWrite, reads, type Write, writes } from '@mmf/framework'
import { trustCertificates } from '../tables/trust-certificates.ts'
import { trustEntries } from '../tables/trust-entries.ts'
import { trustGenerations } from '../tables/trust-generations.ts'
import { trustImports } from '../tables/trust-imports.ts'
import { trustJournal } from '../tables/trust-journal.ts'
import { trustListParts } from '../tables/trust-list-parts.ts'
import { trustProposalParts, trustProposals } from '../tables/trust-proposals.ts'
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
  writes(trustImports),
  writes(trustListParts),
  writes(trustProposals),
  writes(trustProposalParts),
] as const

export type TrustReadTable = (typeof trustReads)[number]['table']
export type TrustWriteTable = (typeof trustWrites)[number]['table']
export type TrustWrite = Write<TrustWriteTable> | PlatformWrite
