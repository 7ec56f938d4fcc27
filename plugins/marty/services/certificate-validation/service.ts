import { defineService } from '@mmf/framework'
import { staleFetchedCrls } from './alarms.ts'
import { certificateImpact } from './certificate-impact.ts'
import { getValidation } from './get-validation.ts'
import { refreshEvidence } from './refresh-evidence.ts'
import { replayValidation } from './replay-validation.ts'
import {
  continueRevisit,
  revisitAfterDistrust,
  revisitAfterMasterList,
  revisitAfterRestoration,
  revisitAfterRevocation,
} from './revisit-validations.ts'
import { continueSearch, searchDirectoryCrls } from './search-revoked.ts'
import { validateCertificates } from './validate-certificates.ts'
import { validateChain } from './validate-chain.ts'

export const certificateValidation = defineService({
  name: 'certificate_validation',
  description: 'Judges certificates, explains and keeps every verdict',
  operations: {
    validateCertificates,
    validateChain,
    getValidation,
    replayValidation,
    certificateImpact,
    revisitAfterRevocation,
    revisitAfterDistrust,
    revisitAfterRestoration,
    revisitAfterMasterList,
    continueRevisit,
    refreshEvidence,
    searchDirectoryCrls,
    continueSearch,
  },
  alarms: [staleFetchedCrls],
})
