import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DatabaseAdapter, put, systemClock } from '@mmf/framework'
import { createSqliteDatabase } from '@mmf/framework/embedded'
import { type Certificate, createKeyCache, parseCertificate } from '@mmf/pki'
import { createRoot, testKey } from '../../../../layer/pki/src/testing/index.ts'
import { certificateRow, subjectKey } from '../store/certificate-facts.ts'
import { generationDigits } from '../store/generation-digits.ts'
import { trustCertificates } from '../tables/trust-certificates.ts'
import { trustEntries } from '../tables/trust-entries.ts'
import { trustListParts } from '../tables/trust-list-parts.ts'
import type { JudgedListed } from './judge-list.ts'
import { type PlanListOptions, type PlannedList, planList } from './plan-list.ts'

let database: DatabaseAdapter
before(async () => {
  database = createSqliteDatabase({ file: ':memory:', clock: systemClock })
  await database.open([trustCertificates, trustEntries, trustListParts])
})
after(() => database.close())

let serial = 0
const certificateOf = (name: string): Certificate => {
  serial += 1
  return parseCertificate(createRoot(`C=UT, CN=${name} ${serial}`, { key: testKey(), serial }).der)
}

type Kind = JudgedListed['kind']
const listed = (certificate: Certificate, kind: Kind = 'anchor'): JudgedListed => {
  const { fingerprint, der } = certificate
  return {
    fingerprint,
    der,
    certificate,
    kind,
    faults: kind === 'quarantined' ? [{ code: 'weak', message: 'too weak' }] : [],
  }
}

const unreadable = (fingerprint: string): JudgedListed => ({
  fingerprint,
  der: Uint8Array.of(1, 2),
  certificate: undefined,
  kind: 'quarantined',
  faults: [{ code: 'certificate_malformed', message: 'no certificate' }],
})

let change = 0

/** A list of a source, planned on what the lists before it have left, and put into the store. */
async function accept(
  source: string,
  certificates: readonly JudgedListed[],
  more: Partial<PlanListOptions> = {},
): Promise<PlannedList & { readonly listId: string }> {
  const generation = change
  change += 1
  const listId = `list ${change}`
  const judged = new Map(certificates.map(one => [one.fingerprint, one]))
  const list = { length: certificates.length, countries: 1, certificates: judged, keyCache: createKeyCache(1) }
  const options = {
    database: database as PlanListOptions['database'],
    base: { generation, regions: ['UT'], sources: [] },
    listId,
    source,
    previous: undefined,
    named: undefined,
    signal: new AbortController().signal,
    ...more,
  }
  const plan = await planList(list as unknown as Parameters<typeof planList>[0], judged, options)
  for (const write of plan.content) await database.write(write)
  for (const entry of plan.entries) {
    const version = `${entry.subjectHash}.${entry.fingerprint}.${generationDigits(change)}`
    const said = { action: 'master_list_imported', principal: 'ada', changedAt: '2026-01-01T00:00:00.000Z' } as const
    await database.write(put(trustEntries, { ...entry, ...said, version, generation: change }))
  }
  return { ...plan, listId }
}

const after1 = ({ listId }: { readonly listId: string }) =>
  ({ previous: { listId } }) as unknown as Pick<PlanListOptions, 'previous'>

const standings = ({ entries }: PlannedList) =>
  new Map(entries.map(({ fingerprint, kind, status }) => [fingerprint, `${kind} ${status}`]))

test('a first list begins trust in its anchors, and the same list again changes nothing', async () => {
  const [anchor, link, weak] = [certificateOf('Anchor'), certificateOf('Link'), certificateOf('Weak')]
  const content = [listed(anchor), listed(link, 'link'), listed(weak, 'quarantined'), unreadable('ff'.repeat(32))]
  const first = await accept('first', content)
  assert.deepEqual(
    standings(first),
    new Map([
      [anchor.fingerprint, 'anchor trusted'],
      [link.fingerprint, 'link trusted'],
      [weak.fingerprint, 'quarantined trusted'],
      ['ff'.repeat(32), 'quarantined trusted'],
    ]),
  )
  const { counts } = first
  assert.deepEqual([counts['added'], counts['trustBegun'], counts['quarantined']], [4, 1, 2])
  assert.deepEqual(
    first.entries.map(({ quarantine }) => quarantine?.map(({ code }) => code)),
    [undefined, undefined, ['weak'], ['certificate_malformed']],
  )
  assert.deepEqual(
    first.entries.map(({ vouchers }) => vouchers.map(({ purposes }) => purposes)),
    [[['csca']], [[]], [[]], [[]]],
    'an anchor of a list is good for passports, the others for nothing',
  )

  const again = await accept('first', content, after1(first))
  assert.deepEqual([again.entries, again.ended], [[], []])
  assert.deepEqual(again.difference, { added: [], removed: [], changed: [] })
})

test('what a list no longer holds ends, unless another source or an administrator vouches for it', async () => {
  const [alone, shared] = [certificateOf('Alone'), certificateOf('Shared')]
  const first = await accept('one', [listed(alone), listed(shared)])
  const other = await accept('two', [listed(shared)])
  assert.deepEqual(standings(other), new Map([[shared.fingerprint, 'anchor trusted']]))

  const next = await accept('one', [], after1(first))
  assert.deepEqual(next.ended, [alone.fingerprint])
  assert.deepEqual(
    standings(next),
    new Map([
      [alone.fingerprint, 'anchor ended'],
      [shared.fingerprint, 'anchor trusted'],
    ]),
  )
  assert.equal(next.counts['trustEnded'], 1)

  const last = await accept('two', [], after1(other))
  assert.deepEqual(last.ended, [shared.fingerprint])
})

test('a list does not end the distrust of an administrator', async () => {
  const stolen = certificateOf('Stolen')
  const key = subjectKey(stolen.subject)
  assert.ok(key)
  await database.write(put(trustCertificates, certificateRow(stolen, key)))
  const first = await accept('states', [listed(stolen)])
  const [entry] = first.entries
  assert.ok(entry)
  change += 1
  const version = `${key.subjectHash}.${stolen.fingerprint}.${generationDigits(change)}`
  const said = { action: 'anchor_distrusted', principal: 'ada', changedAt: '2026-01-01T00:00:00.000Z' } as const
  await database.write(put(trustEntries, { ...entry, ...said, status: 'distrusted', version, generation: change }))
  const gone = await accept('states', [], after1(first))
  assert.deepEqual(standings(gone), new Map([[stolen.fingerprint, 'anchor distrusted']]))
  const back = await accept('states', [listed(stolen)], after1(gone))
  assert.deepEqual(standings(back), new Map([[stolen.fingerprint, 'anchor distrusted']]))
  assert.deepEqual([gone.ended, back.counts['trustBegun']], [[], 0])
})

test('a certificate that another judgement has changed is planned anew', async () => {
  const one = certificateOf('Judged anew')
  const first = await accept('judges', [listed(one, 'quarantined')])
  const next = await accept('judges', [listed(one)], after1(first))
  assert.deepEqual(next.difference.changed, [one.fingerprint])
  assert.deepEqual(standings(next), new Map([[one.fingerprint, 'anchor trusted']]))
  assert.equal(next.entries[0]?.quarantine, undefined)
  const worse = await accept('judges', [listed(one, 'quarantined')], after1(next))
  assert.deepEqual(
    worse.entries.map(({ kind, quarantine }) => [kind, quarantine?.length]),
    [['quarantined', 1]],
  )
})

test('a certificate that a request names is vouched for by an administrator, whether the list holds it or not', async () => {
  const [held, outside] = [certificateOf('Held'), certificateOf('Outside')]
  const first = await accept('named', [listed(held)], { named: outside })
  const vouchersOf = (plan: PlannedList, { fingerprint }: Certificate) =>
    plan.entries
      .find(entry => entry.fingerprint === fingerprint)
      ?.vouchers.map(({ source, purposes }) => `${source}: ${purposes.join(' ')}`)
  assert.deepEqual(vouchersOf(first, outside), ['administrator: csca master-list-signer'])
  assert.deepEqual(vouchersOf(first, held), ['named: csca'])

  const next = await accept('named', [], { ...after1(first), named: held })
  assert.deepEqual(vouchersOf(next, held), ['administrator: csca master-list-signer'])
  assert.deepEqual(next.ended, [])
})
