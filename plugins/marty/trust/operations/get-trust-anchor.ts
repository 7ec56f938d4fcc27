import { defined, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { operation } from '../operation.ts'
import { AnchorAtTime, AnchorReference, AnchorWithCertificate, HistoryAnswer } from '../schemas.ts'
import { trustStoreOf } from '../store/trust-store.ts'
import { pemOf, toAnchor } from '../view.ts'
import { generationAsked } from './generation-asked.ts'

export const getTrustAnchor = operation({
  name: 'get_trust_anchor',
  description: 'One certificate of the trust store as it stands, or with asOf as it stood then.',
  input: AnchorAtTime,
  output: AnchorWithCertificate,
  http: { method: 'GET', path: '/v1/trust-anchors/{anchorId}' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_trust_anchor' })],
  async run({ anchorId, asOf }, { context, call }) {
    const store = trustStoreOf(context, { signal: call.signal })
    const entry = await store.byFingerprint(anchorId, await generationAsked(store, asOf))
    if (entry === undefined) throw new MmfError('trust_anchor_not_found', { detail: anchorId })
    const certificate = pemOf(entry)
    return { ...toAnchor(entry), ...defined({ certificate }) }
  },
})

export const getTrustAnchorHistory = operation({
  name: 'get_trust_anchor_history',
  description: 'Every standing that a certificate had in the trust store, oldest first, and who changed it why.',
  input: AnchorReference,
  output: HistoryAnswer,
  http: { method: 'GET', path: '/v1/trust-anchors/{anchorId}/history' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_trust_anchor_history' })],
  async run({ anchorId }, { context, call }) {
    const store = trustStoreOf(context, { signal: call.signal })
    const generation = await store.currentGeneration()
    const entry = await store.byFingerprint(anchorId, generation)
    if (entry === undefined) throw new MmfError('trust_anchor_not_found', { detail: anchorId })
    const rows = await store.history(anchorId, generation)
    return { anchorId, versions: rows.map(row => toAnchor({ row, names: entry.names })) }
  },
})
