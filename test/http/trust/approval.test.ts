import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { insert } from '@mmf/framework'
import { isProposer } from '../../../plugins/marty/trust/operations/proposals.ts'
import { trustProposals } from '../../../plugins/marty/trust/tables/trust-proposals.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import {
  addAnchor,
  administrator,
  csca,
  generationOf,
  get,
  importList,
  listSigner,
  manyCscas,
  masterList,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  const env = { ...signingWith('ECDSA-SHA256'), MMF__plugins__marty__trust_two_person_approval: 'true' }
  marty = await startPlatform({ env })
})
after(() => marty.stop())

/** ECDSA signatures differ each time, so one certificate is made once. */
const first = csca('AA')

const decide = (proposalId: string, decision: 'approve' | 'reject', subject: string) =>
  marty.request('POST', `/v1/trust-anchors/proposals/${proposalId}/${decision}`, {
    token: administrator(marty, subject),
    body: decision === 'reject' ? { reason: 'not convinced' } : {},
  })

test('an addition waits for another administrator; the proposer cannot approve it; no administrator approves twice', async () => {
  const { der } = first
  const anchorId = sha256(der)

  const proposed = await addAnchor(marty, der)

  assert.equal(proposed.status, 202, proposed.text)
  const { proposalId, status, preview } = proposed.json
  assert.deepEqual([status, preview.anchorId], ['pending', anchorId])
  assert.equal(await generationOf(marty), 0)
  assert.equal((await get(marty, `/v1/trust-anchors/${anchorId}`)).status, 404)
  const waiting = (await get(marty, '/v1/trust-anchors/proposals')).json.proposals
  assert.deepEqual(
    waiting.map((p: Record<string, unknown>) => [p['proposalId'], p['proposedBy'], p['operation']]),
    [[proposalId, 'admin-1', 'add_trust_anchor']],
  )
  const own = await decide(proposalId, 'approve', 'admin-1')
  assert.deepEqual([own.status, own.json.code], [403, 'trust_proposal_own'])
  const path = `/v1/trust-anchors/proposals/${proposalId}/approve`
  const unauthorised = await marty.request('POST', path, { token: reader(marty), body: {} })
  assert.deepEqual([unauthorised.status, unauthorised.json.code], [403, 'role_missing'])
  assert.equal(await generationOf(marty), 0)

  const [left, right] = await Promise.all([
    decide(proposalId, 'approve', 'admin-2'),
    decide(proposalId, 'approve', 'admin-3'),
  ])

  assert.deepEqual([left.status, right.status].sort(), [200, 409], `${left.text} ${right.text}`)
  assert.equal(await generationOf(marty), 1)
  const { generations } = (await get(marty, '/v1/trust-anchors/generations')).json
  assert.equal(generations[0].principal, 'admin-1')
  assert.match(generations[0].approvedBy, /^admin-[23]$/)
  assert.equal((await get(marty, `/v1/trust-anchors/${anchorId}`)).json.status, 'trusted')
  const again = await decide(proposalId, 'reject', 'admin-2')
  assert.deepEqual([again.status, again.json.code], [409, 'trust_proposal_decided'])
  const missing = await decide('01999999-0000-7000-8000-000000000000', 'approve', 'admin-2')
  assert.deepEqual([missing.status, missing.json.code], [404, 'trust_proposal_not_found'])
})

test('a rejected distrust changes nothing, and stays on record', async () => {
  const anchorId = sha256(first.der)
  const proposed = await marty.request('POST', `/v1/trust-anchors/${anchorId}/distrust`, {
    token: administrator(marty),
    body: { reason: 'a rumour' },
  })
  assert.equal(proposed.status, 202, proposed.text)
  const rejected = await decide(proposed.json.proposalId, 'reject', 'admin-2')
  assert.deepEqual([rejected.status, rejected.json.status], [200, 'rejected'])
  assert.equal((await get(marty, `/v1/trust-anchors/${anchorId}`)).json.status, 'trusted')
  const [record] = (await get(marty, '/v1/trust-anchors/proposals?status=rejected')).json.proposals
  assert.deepEqual(
    [record.decidedBy, record.decisionReason, record.request.reason],
    ['admin-2', 'not convinced', 'a rumour'],
  )
  const approved = await decide(proposed.json.proposalId, 'approve', 'admin-2')
  assert.equal(approved.json.code, 'trust_proposal_decided')
})

test('a master list of hundreds of certificates is kept until it is approved, and judged anew then', async () => {
  const home = csca('BA')
  const signer = listSigner(home, 'BA')
  const certificates = [home.der, ...manyCscas(900, 'of a long list')]
  const named = { source: 'BA', trustedSigner: sha256(home.der) }
  const list = masterList({ certificates, signer, signingTime: new Date('2026-02-01T00:00:00Z') })
  const shorter = masterList({ certificates: [home.der], signer, signingTime: new Date('2026-01-01T00:00:00Z') })
  const generation = await generationOf(marty)

  const bad = await importList(marty, list.slice(0, -10), named)
  assert.equal(bad.json.code, 'master_list_invalid', 'what cannot be carried out is not even proposed')
  const proposed = await importList(marty, list, named)
  const other = await importList(marty, shorter, named)

  assert.equal(proposed.status, 202, proposed.text)
  assert.equal(proposed.json.preview.counts.added, 901)
  assert.ok(storedRows(marty.dataDirectory, 'trust_proposal_parts').length > 2)
  assert.equal(await generationOf(marty), generation)
  const dry = await importList(marty, list, { ...named, dryRun: true })
  assert.equal(dry.status, 200, 'a comparison needs nobody’s approval')

  const approved = await decide(proposed.json.proposalId, 'approve', 'admin-2')

  assert.equal(approved.status, 200, approved.text)
  assert.equal(approved.json.generation, generation + 1)
  const [record] = (await get(marty, '/v1/trust-anchors/master-lists')).json.imports
  assert.deepEqual([record.counts.added, record.principal, record.approvedBy], [901, 'admin-1', 'admin-2'])
  const late = await decide(other.json.proposalId, 'approve', 'admin-2')
  assert.deepEqual([late.status, late.json.code], [409, 'master_list_older'])
  assert.equal((await decide(other.json.proposalId, 'reject', 'admin-2')).status, 200)
  assert.equal(storedRows(marty.dataDirectory, 'trust_proposal_parts').length, 0)
  assert.equal(await generationOf(marty), generation + 1)
})

const revoked = 'ab'.repeat(32)
const revocationsPath = `/v1/certificates/${revoked}/revocations`

test('a revocation waits for another administrator, and counts from when it was proposed', async () => {
  const token = administrator(marty)
  const revoke = () => marty.request('POST', revocationsPath, { token, body: { reason: 'keyCompromise' } })
  const proposed = await revoke()
  assert.equal(proposed.status, 202, proposed.text)
  assert.deepEqual([proposed.json.preview.fingerprint, proposed.json.preview.reason], [revoked, 'keyCompromise'])
  assert.deepEqual((await get(marty, revocationsPath)).json.revocations, [])
  const events = () =>
    storedRows(marty.dataDirectory, 'outbox').filter(row => row.event.includes('certificate_revoked'))
  assert.equal(events().length, 0)
  const own = await decide(proposed.json.proposalId, 'approve', 'admin-1')
  assert.deepEqual([own.status, own.json.code], [403, 'trust_proposal_own'])
  assert.deepEqual((await get(marty, revocationsPath)).json.revocations, [])

  const both = await Promise.all(['admin-2', 'admin-3'].map(name => decide(proposed.json.proposalId, 'approve', name)))

  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
  const { revocations } = (await get(marty, revocationsPath)).json
  assert.deepEqual(
    revocations.map((row: Record<string, unknown>) => [row['principal'], row['reason'], row['revokedAt']]),
    [['admin-1', 'keyCompromise', proposed.json.preview.revokedAt]],
  )
  assert.match(revocations[0].approvedBy, /^admin-[23]$/)
  assert.equal(events().length, 1)
  assert.equal(both.find(({ status }) => status === 409)?.json.code, 'trust_proposal_decided')
  const { proposals } = (await get(marty, '/v1/trust-anchors/proposals?status=approved')).json
  const [decided] = proposals.filter((row: { proposalId: string }) => row.proposalId === proposed.json.proposalId)
  assert.equal(decided?.decidedBy, revocations[0].approvedBy, 'decided by who approved, with the revocation')
  const again = await revoke()
  assert.deepEqual([again.status, again.json.code], [409, 'revocation_exists'])
})

test('the proposer is known by issuer and subject; where an issuer is unknown, by the subject alone', () => {
  const alice = { subject: 'alice', issuer: 'https://one.example' }
  const other = { subject: 'alice', issuer: 'https://two.example' }
  const proposal = { proposedBy: 'alice', proposedByIssuer: 'https://one.example' }
  assert.deepEqual(
    [isProposer(proposal, alice), isProposer(proposal, other), isProposer(proposal, { ...alice, subject: 'bob' })],
    [true, false, false],
  )
  for (const decider of [alice, other, { subject: 'alice' }]) assert.ok(isProposer({ proposedBy: 'alice' }, decider))
  assert.ok(isProposer(proposal, { subject: 'alice' }))
})

test('a proposal names the issuer; one of an earlier version is shown, not decided by its subject, and decided by another', async () => {
  const proposed = await addAnchor(marty, csca('CC').der)
  const listed = async () => (await get(marty, '/v1/trust-anchors/proposals')).json.proposals
  const [latest] = await listed()
  assert.deepEqual([latest.proposalId, latest.proposedByIssuer], [proposed.json.proposalId, 'urn:marty:local-issuer'])
  const proposalId = '01999999-0000-7000-8000-000000000001'
  const request = JSON.stringify({ anchorId: sha256(first.der), reason: 'of old' })
  await marty.platform.http.database.write(
    insert(trustProposals, {
      proposalId,
      status: 'pending',
      operation: 'distrust_trust_anchor',
      request,
      parts: 0,
      preview: '{}',
      proposedBy: 'admin-1',
      proposedAt: '2026-01-01T00:00:00.000Z',
    }),
  )
  assert.ok((await listed()).some((proposal: Record<string, unknown>) => proposal['proposalId'] === proposalId))
  assert.equal((await decide(proposalId, 'reject', 'admin-1')).json.code, 'trust_proposal_own')
  assert.equal((await decide(proposalId, 'reject', 'admin-2')).status, 200)
})
