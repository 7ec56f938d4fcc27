import { publishes, type ScopedContext, serviceScope, writes } from '@mmf/framework'
import { crlStale } from '../certificates/events/crl-stale.ts'
import { expiryEvents, expiryWrites } from '../certificates/expiry/expiry-grants.ts'
import { sourceStates } from '../certificates/tables/source-states.ts'
import type { MartyConfig } from '../config.ts'
import { trustReads } from '../trust/store/trust-grants.ts'
import { pkdCertificateWithdrawn } from './events/pkd-certificate-withdrawn.ts'
import { pkdCrlsAdded } from './events/pkd-crls-added.ts'
import { pkdImportContinued } from './events/pkd-import-continued.ts'
import { pkdImportFinished } from './events/pkd-import-finished.ts'
import { pkdCrls } from './tables/pkd-crls.ts'
import { pkdImports } from './tables/pkd-imports.ts'
import { pkdMasterLists } from './tables/pkd-master-lists.ts'
import { publicKeys } from './tables/pkd-public-keys.ts'
import { pkdQuarantine } from './tables/pkd-quarantine.ts'
import { pkdState } from './tables/pkd-state.ts'
import { pkdUploadGrants } from './tables/pkd-upload-grants.ts'

const scope = {
  tables: [
    writes(publicKeys),
    writes(pkdCrls),
    writes(pkdMasterLists),
    writes(pkdState),
    writes(pkdImports),
    writes(pkdQuarantine),
    writes(pkdUploadGrants),
    writes(sourceStates),
    ...expiryWrites,
    ...trustReads,
  ],
  events: [
    publishes(pkdCertificateWithdrawn),
    publishes(pkdImportContinued),
    publishes(pkdImportFinished),
    publishes(crlStale),
    publishes(pkdCrlsAdded),
    ...expiryEvents,
  ],
  blobs: 'write',
  egress: true,
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('pkd', scope)

export type PkdContext = ScopedContext<MartyConfig, typeof scope>
