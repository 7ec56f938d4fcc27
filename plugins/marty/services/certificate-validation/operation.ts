import { type ScopedContext, serviceScope, writes } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'
import { validationDependencies } from '../../tables/validation-dependencies.ts'
import { validationEvidence } from '../../tables/validation-evidence.ts'
import { validations } from '../../tables/validations.ts'
import { revocationReads } from '../../trust/revocations.ts'
import { trustReads } from '../../trust/trust-grants.ts'

const scope = {
  tables: [
    writes(validations),
    writes(validationEvidence),
    writes(validationDependencies),
    ...trustReads,
    ...revocationReads,
  ],
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('certificate_validation', scope)

export type ValidationContext = ScopedContext<MartyConfig, typeof scope>
