import { defineService } from '@mmf/framework'
import { staleCrls } from './alarms.ts'
import { cancelImport, resumeImport } from './change-import.ts'
import { checkCrls } from './check-crls.ts'
import { checkExpiries, continueExpiries, watchExpiries } from './check-expiries.ts'
import { continueImport } from './continue-import.ts'
import { exportDirectory } from './export-directory.ts'
import { forgetWithdrawn } from './forget-withdrawn.ts'
import { getCertificate } from './get-certificate.ts'
import { listCertificates } from './list-certificates.ts'
import { lookupPublicKey } from './lookup-public-key.ts'
import { pollDirectory, watchCrls } from './poll.ts'
import { publishCertificate } from './publish-certificate.ts'
import { readCrlPart } from './read-crl-part.ts'
import { getCrl, listCrls } from './read-crls.ts'
import { getImport, listImports, listQuarantine } from './read-imports.ts'
import { getMasterList, listMasterLists } from './read-master-lists.ts'
import { refreshDirectory } from './refresh-directory.ts'
import { startImport } from './start-import.ts'
import { startUpload } from './start-upload.ts'
import { storeCrl } from './store-crl.ts'
import { withdrawCertificate } from './withdraw-certificate.ts'

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
  alarms: [staleCrls],
})
