import { calls, publishes, type ScopedContext, serviceScope, writes } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'
import { crlStale } from '../../events/crl-stale.ts'
import { revocationSearchContinued } from '../../events/revocation-search-continued.ts'
import { revocationsFound } from '../../events/revocations-found.ts'
import { validationChanged } from '../../events/validation-changed.ts'
import { validationRevisitContinued } from '../../events/validation-revisit-continued.ts'
import { fetchedContents } from '../../tables/fetched-contents.ts'
import { fetchedEvidence } from '../../tables/fetched-evidence.ts'
import { validationEntries } from '../../tables/record-entries.ts'
import { validationChanges } from '../../tables/validation-changes.ts'
import { validationDependencies } from '../../tables/validation-dependencies.ts'
import { validationEvidence } from '../../tables/validation-evidence.ts'
import { validationIssued } from '../../tables/validation-issued.ts'
import { validationRevisits } from '../../tables/validation-revisits.ts'
import { validations } from '../../tables/validations.ts'
import { revocationReads } from '../../trust/revocations.ts'
import { trustReads } from '../../trust/trust-grants.ts'
import { lookupPublicKey } from '../pkd/lookup-public-key.ts'
import { readCrlPart } from '../pkd/read-crl-part.ts'
import { getCrl, listCrls } from '../pkd/read-crls.ts'

const scope = {
  tables: [
    writes(validations),
    writes(validationEntries),
    writes(validationEvidence),
    writes(validationDependencies),
    writes(validationChanges),
    writes(validationRevisits),
    writes(validationIssued),
    writes(fetchedEvidence),
    writes(fetchedContents),
    ...trustReads,
    ...revocationReads,
  ],
  calls: [calls(lookupPublicKey), calls(listCrls), calls(getCrl), calls(readCrlPart)],
  events: [
    publishes(validationChanged),
    publishes(validationRevisitContinued),
    publishes(crlStale),
    publishes(revocationSearchContinued),
    publishes(revocationsFound),
  ],
  egress: true,
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('certificate_validation', scope)

export type ValidationContext = ScopedContext<MartyConfig, typeof scope>
