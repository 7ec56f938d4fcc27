import { defineService } from '@mmf/framework'
import { sourceHealth } from '../certificates/sources/configured-source.ts'
import { trustListAges } from './list-ages.ts'
import type { TrustAnchorContext } from './operation.ts'
import { addTrustAnchor } from './operations/add-trust-anchor.ts'
import { distrustTrustAnchor, restoreTrustAnchor } from './operations/change-status.ts'
import { checkExpiries, continueExpiries, watchExpiries } from './operations/check-expiries.ts'
import { getTrustAnchor, getTrustAnchorHistory } from './operations/get-trust-anchor.ts'
import { importMasterList } from './operations/import-master-list.ts'
import { listGenerations, listMasterLists } from './operations/list-imports.ts'
import { listQuarantine, listTrustAnchors } from './operations/list-trust-anchors.ts'
import { pollMasterList } from './operations/poll-master-list.ts'
import { approveProposal, listProposals, rejectProposal } from './operations/proposals.ts'
import { recordRevocations } from './operations/record-revocations.ts'
import { refreshMasterList } from './operations/refresh-master-list.ts'
import { getRevocation, revokeCertificate } from './operations/revoke-certificate.ts'

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
  ages: (context, options) => trustListAges(context as TrustAnchorContext, options),
  healthCheck: ({ config }) => sourceHealth('master_list')(config),
})
