import { defineService } from '@mmf/framework'
import { staleFetchedCrls } from './alarms.ts'
import { passiveAuthenticate } from './documents/passive-authenticate.ts'
import { passiveAuthenticateBatch } from './documents/passive-authenticate-batch.ts'
import { certificateImpact } from './operations/certificate-impact.ts'
import { explainValidation } from './operations/explain-validation.ts'
import { getValidation } from './operations/get-validation.ts'
import { refreshEvidence } from './operations/refresh-evidence.ts'
import { replayValidation } from './operations/replay-validation.ts'
import { validateCertificates } from './operations/validate-certificates.ts'
import { validateChain } from './operations/validate-chain.ts'
import {
  continueRevalidation,
  revalidateAfterDistrust,
  revalidateAfterMasterList,
  revalidateAfterRestoration,
  revalidateAfterRevocation,
} from './revalidation/revalidation-operations.ts'
import { continueSearch, searchDirectoryCrls } from './revalidation/search-revoked.ts'

export const certificateValidation = defineService({
  name: 'certificate_validation',
  description: 'Judges certificates, explains and keeps every verdict',
  operations: {
    validateCertificates,
    validateChain,
    passiveAuthenticate,
    passiveAuthenticateBatch,
    getValidation,
    explainValidation,
    replayValidation,
    certificateImpact,
    revalidateAfterRevocation,
    revalidateAfterDistrust,
    revalidateAfterRestoration,
    revalidateAfterMasterList,
    continueRevalidation,
    refreshEvidence,
    searchDirectoryCrls,
    continueSearch,
  },
  alarms: [staleFetchedCrls],
})
