import { defineService } from '@mmf/framework'
import { sourceHealth } from '../certificates/sources/configured-source.ts'
import { staleCrls } from './alarms.ts'
import { crlAges } from './crl-ages.ts'
import type { PkdContext } from './operation.ts'
import { cancelImport, resumeImport } from './operations/change-import.ts'
import { checkCrls } from './operations/check-crls.ts'
import { checkExpiries, continueExpiries, watchExpiries } from './operations/check-expiries.ts'
import { continueImport } from './operations/continue-import.ts'
import { exportDirectory } from './operations/export-directory.ts'
import { forgetWithdrawn } from './operations/forget-withdrawn.ts'
import { getCertificate } from './operations/get-certificate.ts'
import { listCertificates } from './operations/list-certificates.ts'
import { lookupPublicKey } from './operations/lookup-public-key.ts'
import { pollDirectory, watchCrls } from './operations/poll.ts'
import { publishCertificate } from './operations/publish-certificate.ts'
import { readCrlPart } from './operations/read-crl-part.ts'
import { getCrl, listCrls } from './operations/read-crls.ts'
import { getImport, listImports, listQuarantine } from './operations/read-imports.ts'
import { getMasterList, listMasterLists } from './operations/read-master-lists.ts'
import { refreshDirectory } from './operations/refresh-directory.ts'
import { startImport } from './operations/start-import.ts'
import { startUpload } from './operations/start-upload.ts'
import { storeCrl } from './operations/store-crl.ts'
import { withdrawCertificate } from './operations/withdraw-certificate.ts'

export const pkd = defineService({
  name: 'pkd',
  description: 'Public key directory: certificates by subject, key identifier, country, issuer and serial number',
  operations: {
    lookupPublicKey,
    listCertificates,
    getCertificate,
    publishCertificate,
    withdrawCertificate,
    checkCrls,
    checkExpiries,
    listCrls,
    getCrl,
    readCrlPart,
    storeCrl,
    listMasterLists,
    getMasterList,
    exportDirectory,
    startUpload,
    startImport,
    refreshDirectory,
    pollDirectory,
    watchCrls,
    watchExpiries,
    listImports,
    getImport,
    listQuarantine,
    resumeImport,
    cancelImport,
    continueImport,
    continueExpiries,
    forgetWithdrawn,
  },
  healthCheck: ({ config }) => sourceHealth('pkd')(config),
  ages: (context, options) => crlAges(context as PkdContext, options),
  alarms: [staleCrls],
})
