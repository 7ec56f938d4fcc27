import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Certificate, type Name, parseCertificate } from '@mmf/pki'
import {
  createRoot,
  type IssuedCertificate,
  type MockAuthority,
  testKey,
  testTime,
} from '../../../../layer/pki/src/testing/index.ts'
import type { TrustEntryRow } from '../tables/trust-entries.ts'
import { keyHashOf, subjectKey } from './certificate-facts.ts'
import { type AnchorQuery, walkIssuers } from './issuer-walk.ts'
import type { TrustEntry } from './trust-entry.ts'

const nameOf = (name: string) => `C=UT, CN=${name}`
const rootOf = (name: string, key = name) => createRoot(nameOf(name), { key: testKey('p256', key) })
const certificateOf = ({ der }: { readonly der: Uint8Array }): Certificate => parseCertificate(der)

function entryOf(issued: { readonly der: Uint8Array }, changes: Partial<TrustEntryRow> = {}): TrustEntry {
  const certificate = certificateOf(issued)
  const key = subjectKey(certificate.subject)
  assert.ok(key)
  const { subject, issuer, serialNumber } = certificate.toJSON()
  const row: TrustEntryRow = {
    ...key,
    version: `${key.subjectHash}.${certificate.fingerprint}.0000000001`,
    fingerprint: certificate.fingerprint,
    keyHash: keyHashOf(certificate),
    generation: 1,
    kind: 'anchor',
    status: 'trusted',
    vouchers: [{ source: 'administrator', kind: 'anchor', purposes: ['csca'] }],
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
    action: 'anchor_added',
    principal: 'ada',
    changedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
  return {
    row,
    names: { subject, issuer, serialNumber },
    certificate: row.kind === 'quarantined' ? undefined : certificate,
  }
}

async function walk(
  target: { readonly der: Uint8Array },
  store: readonly TrustEntry[],
  more: Partial<AnchorQuery> = {},
) {
  const asked: string[] = []
  const bySubject = async (name: Name) => {
    asked.push(name.toString())
    return store.filter(({ row }) => row.subjectHash === subjectKey(name)?.subjectHash)
  }
  const query = { target: certificateOf(target), purposes: ['csca'], generation: 1, time: testTime, ...more } as const
  const found = await walkIssuers(query, bySubject)
  const prints = (list: readonly Certificate[]) => list.map(({ fingerprint }) => fingerprint)
  return {
    asked,
    anchors: prints(found.anchors),
    intermediates: prints(found.intermediates),
    refused: found.refused.map(({ anchorId, refusal }) => [anchorId, refusal]),
    targetRefused: found.targetRefused?.refusal,
    reasons: found.refused.map(({ reason }) => reason),
  }
}

const printOf = (one: { readonly der: Uint8Array }) => certificateOf(one).fingerprint

/** The new key of an authority, certified under the old one: both have the same name (Doc 9303-12 §7.1.1). */
const linkOf = (from: MockAuthority, to: MockAuthority): IssuedCertificate =>
  from.issue(nameOf('A'), { key: to.key, extensions: [] })

const a = rootOf('A')
const leaf = a.issue('C=UT, CN=Leaf')

test('an anchor of the issuer is offered, one of another name is not looked at', async () => {
  const { asked, ...found } = await walk(leaf, [entryOf(a), entryOf(rootOf('B'))])
  assert.deepEqual(found, {
    anchors: [printOf(a)],
    intermediates: [],
    refused: [],
    targetRefused: undefined,
    reasons: [],
  })
  assert.equal(asked.length, 2, 'the names of the target and of its issuer')
})

test('names are followed over certificates of the request and links of the store, each name once', async () => {
  const middle = a.subordinate(nameOf('Middle'), { key: testKey('p256', 'middle') })
  const low = middle.issue('C=UT, CN=Low')
  const b = rootOf('A', 'A2')
  const link = linkOf(a, b)
  const store = [
    entryOf(a),
    entryOf(link, { kind: 'link', vouchers: [{ source: 'list', kind: 'link', purposes: [] }] }),
  ]
  const found = await walk(low, store, { intermediates: [certificateOf(middle)] })
  assert.deepEqual(found.anchors, [printOf(a)])
  assert.deepEqual(found.intermediates, [printOf(middle), printOf(link)])
  assert.equal(found.asked.length, 3)
})

const refusing: readonly [string, Partial<TrustEntryRow>, string, RegExp][] = [
  ['distrusted', { status: 'distrusted', reason: 'key stolen' }, 'distrusted', /^key stolen$/],
  ['no longer vouched for', { status: 'ended' }, 'ended', /vouches/],
  ['quarantined', { kind: 'quarantined' }, 'quarantined', /conform/],
  ['trusted later', { validFrom: '2027-01-01T00:00:00Z' }, 'outside_window', /2027-01-01.* to ever/],
  ['trusted before', { validTo: '2026-01-01T00:00:00Z' }, 'outside_window', /from ever to 2026/],
  [
    'trusted for something else',
    { vouchers: [{ source: 'administrator', kind: 'anchor', purposes: ['general'] }] },
    'other_purpose',
    /general/,
  ],
]

for (const [what, changes, refusal, reason] of refusing) {
  test(`an anchor that is ${what} is refused, with the reason`, async () => {
    const found = await walk(leaf, [entryOf(a, changes)])
    assert.deepEqual([found.anchors, found.intermediates], [[], []])
    assert.deepEqual(found.refused, [[printOf(a), refusal]])
    assert.match(found.reasons[0] ?? '', reason)
  })
}

test('the moments that bound a window lie in it', async () => {
  const now = testTime.toISOString()
  assert.deepEqual((await walk(leaf, [entryOf(a, { validFrom: now, validTo: now })])).anchors, [printOf(a)])
})

test('a distrusted key does not come back: not in another certificate of its name, nor in one of the request', async () => {
  const again = createRoot(nameOf('A'), { key: a.key, serial: 77 })
  const brought = rootOf('B').issue(nameOf('A'), { key: a.key })
  const store = [entryOf(again), entryOf(a, { status: 'distrusted' })]
  const found = await walk(leaf, store, { intermediates: [certificateOf(brought)] })
  assert.deepEqual([found.anchors, found.intermediates], [[], []])
  assert.deepEqual(
    new Map(found.refused as [string, string][]),
    new Map([
      [printOf(a), 'distrusted'],
      [printOf(again), 'key_distrusted'],
      [printOf(brought), 'key_distrusted'],
    ]),
  )
  const otherKey = rootOf('A', 'A3')
  assert.deepEqual((await walk(leaf, [...store, entryOf(otherKey)])).anchors, [printOf(otherKey)])
})

test('a target that is distrusted itself, or has the name and key of one that is, is said to be', async () => {
  assert.equal((await walk(leaf, [entryOf(a), entryOf(leaf, { status: 'distrusted' })])).targetRefused, 'distrusted')
  const twin = a.issue('C=UT, CN=Leaf', { key: leaf.key, serial: 99 })
  assert.equal((await walk(twin, [entryOf(a), entryOf(leaf, { status: 'distrusted' })])).targetRefused, 'distrusted')
  assert.equal((await walk(leaf, [entryOf(a), entryOf(leaf, { status: 'ended' })])).targetRefused, undefined)
})

test('links in a circle end the walk', async () => {
  const [one, two] = [rootOf('One'), rootOf('Two')]
  const there = one.issue(nameOf('Two'), { key: two.key })
  const back = two.issue(nameOf('One'), { key: one.key })
  const store = [there, back].map(link => entryOf(link, { kind: 'link' }))
  const found = await walk(one.issue('C=UT, CN=End'), store)
  assert.deepEqual(found.anchors, [])
  assert.deepEqual(new Set(found.intermediates), new Set([printOf(there), printOf(back)]))
})

test('a walk that is cut short offers nothing that it has not looked at', async () => {
  const key = testKey('p256', 'chain')
  const chain = [createRoot(nameOf('Level 0'), { key })]
  for (let level = 1; level < 40; level += 1) {
    chain.push((chain.at(-1) as MockAuthority).subordinate(nameOf(`Level ${level}`), { key }))
  }
  const end = (chain.at(-1) as MockAuthority).issue('C=UT, CN=End')
  const intermediates = chain.slice(1).map(certificateOf)
  const found = await walk(end, [entryOf(chain[0] as MockAuthority)], { intermediates })
  assert.deepEqual(found.anchors, [])
  assert.equal(found.asked.length, 33, 'the target and 32 names')
  assert.deepEqual(
    found.intermediates,
    intermediates.slice(-32).map(({ fingerprint }) => fingerprint),
  )
})
