import { defineService } from '@mmf/framework'
import { addTrustAnchor } from './add-trust-anchor.ts'
import { distrustTrustAnchor, restoreTrustAnchor } from './change-status.ts'
import { checkExpiries, continueExpiries, watchExpiries } from './check-expiries.ts'
import { getTrustAnchor, getTrustAnchorHistory } from './get-trust-anchor.ts'
import { importMasterList } from './import-master-list.ts'
import { listGenerations, listMasterLists } from './list-imports.ts'
import { listQuarantine, listTrustAnchors } from './list-trust-anchors.ts'
import { pollMasterList } from './poll-master-list.ts'
import { approveProposal, listProposals, rejectProposal } from './proposals.ts'
import { recordRevocations } from './record-revocations.ts'
import { refreshMasterList } from './refresh-master-list.ts'
import { getRevocation, revokeCertificate } from './revoke-certificate.ts'

export const trustAnchor = defineService({
  name: 'trust_anchor',
  description: 'Keeps what is trusted: anchors, master lists, who changed what and why',
  operations: {
    addTrustAnchor,
    listTrustAnchors,
    listQuarantine,
    getTrustAnchor,
    getTrustAnchorHistory,
    distrustTrustAnchor,
    restoreTrustAnchor,
    importMasterList,
    refreshMasterList,
    pollMasterList,
    listMasterLists,
    listGenerations,
    listProposals,
    approveProposal,
    rejectProposal,
    revokeCertificate,
    getRevocation,
    recordRevocations,
    checkExpiries,
    watchExpiries,
    continueExpiries,
  },
})
