import { calls, publishes, type ScopedContext, serviceScope, writes } from '@mmf/framework'
import { permissions, roles } from '../access.ts'
import { crlStale } from '../certificates/events/crl-stale.ts'
import type { MartyConfig } from '../config.ts'
import { lookupPublicKey } from '../directory/operations/lookup-public-key.ts'
import { readCrlPart } from '../directory/operations/read-crl-part.ts'
import { getCrl, listCrls } from '../directory/operations/read-crls.ts'
import { validationEntries } from '../records/tables/record-entries.ts'
import { revocationsFound } from '../trust/events/revocations-found.ts'
import { revocationReads } from '../trust/store/revocations.ts'
import { trustReads } from '../trust/store/trust-grants.ts'
import { revalidationContinued } from './events/revalidation-continued.ts'
import { revocationSearchContinued } from './events/revocation-search-continued.ts'
import { validationChanged } from './events/validation-changed.ts'
import { fetchedContents } from './tables/fetched-contents.ts'
import { fetchedEvidence } from './tables/fetched-evidence.ts'
import { revalidationSteps } from './tables/revalidation-steps.ts'
import { validationChanges } from './tables/validation-changes.ts'
import { validationDependencies } from './tables/validation-dependencies.ts'
import { validationEvidence } from './tables/validation-evidence.ts'
import { validationIssued } from './tables/validation-issued.ts'
import { validations } from './tables/validations.ts'

const scope = {
  tables: [
    writes(validations),
    writes(validationEntries),
    writes(validationEvidence),
    writes(validationDependencies),
    writes(validationChanges),
    writes(revalidationSteps),
    writes(validationIssued),
    writes(fetchedEvidence),
    writes(fetchedContents),
    ...trustReads,
    ...revocationReads,
  ],
  calls: [calls(lookupPublicKey), calls(listCrls), calls(getCrl), calls(readCrlPart)],
  events: [
    publishes(validationChanged),
    publishes(revalidationContinued),
    publishes(crlStale),
    publishes(revocationSearchContinued),
    publishes(revocationsFound),
  ],
  roles: [roles.auditor],
  permissions: [permissions.supplyTrustAnchors],
  egress: true,
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('certificate_validation', scope)

export type ValidationContext = ScopedContext<MartyConfig, typeof scope>
