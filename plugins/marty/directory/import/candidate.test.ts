import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCertificate } from '@mmf/pki'
import { createRoot, type MockAuthority, testKey } from '../../../../layer/pki/src/testing/index.ts'
import type { PkdEntry } from '../entries/read-entry.ts'
import type { CscaSource } from '../entry/conformance.ts'
import { EntryRefused } from '../entry/entry-refused.ts'
import { candidateOf } from './candidate.ts'

const csca = createRoot('C=UT, O=State, CN=CSCA')
const impostor = createRoot('C=UT, O=State, CN=CSCA', { key: testKey('p256', 'impostor'), extensions: [] })
const dsc = csca.issue('C=UT, O=State, CN=DSC', { key: testKey() })

const about = { importId: 'job', source: 'test', principal: 'ada', now: '2026-06-15T12:00:00.000Z' }
const trusting = (...authorities: readonly MockAuthority[]): CscaSource => {
  const anchors = authorities.map(({ der }) => parseCertificate(der))
  return { above: async () => ({ anchors, links: [] }) }
}

function entryWith(content: Uint8Array, more: Partial<PkdEntry> = {}): PkdEntry {
  return { kind: 'certificate', content, branch: 'data', alone: false, country: 'UT', ...more }
}

test('a certificate under a trusted CSCA is judged, in the collection of its branch', async () => {
  const places = await Promise.all(
    (['data', 'nc-data'] as const).map(branch => candidateOf(entryWith(dsc.der, { branch }), trusting(), about)),
  )
  assert.deepEqual(
    places.map(({ row }) => row.collection),
    ['001', '003'],
  )
  const { kind, row } = await candidateOf(entryWith(dsc.der), trusting(csca), about)
  assert.ok(kind === 'certificate')
  assert.notEqual(row.conformance, 'unverified')
  assert.deepEqual([row.source, row.importId, row.principal, row.createdAt], ['test', 'job', 'ada', about.now])
})

test('a certificate without a trusted CSCA is kept, unverified', async () => {
  const { row } = await candidateOf(entryWith(dsc.der), trusting(), about)
  assert.ok('conformance' in row)
  assert.deepEqual([row.conformance, row.findings], ['unverified', ['issuer_not_trusted']])
})

test('a certificate that the CSCA which it names has not signed is refused', async () => {
  const forged = csca.issue('C=UT, O=State, CN=DSC', { key: testKey(), signer: impostor.key })
  await assert.rejects(
    candidateOf(entryWith(forged.der), trusting(csca), about),
    error => error instanceof EntryRefused && error.code === 'signature_invalid',
  )
})

test('a certificate in the place of another country is kept, with the finding', async () => {
  const { row } = await candidateOf(entryWith(dsc.der, { country: 'XX' }), trusting(csca), about)
  assert.ok('conformance' in row)
  assert.equal(row.conformance, 'non_conforming')
  assert.equal(row.findings.at(-1), 'country_mismatch')
  assert.equal(row.country, 'UT', 'the certificate counts, not the place')
})

test('a CRL and its bytes become a candidate; a signature by a trusted CSCA is said, one by another is refused', async () => {
  const crl = csca.crl({ entries: [{ serial: 5 }] })
  const crlEntry = (content: Uint8Array) => entryWith(content, { kind: 'crl' })
  for (const [cscas, signature] of [
    [trusting(csca), 'verified'],
    [trusting(), 'unverified'],
  ] as const) {
    const candidate = await candidateOf(crlEntry(crl), cscas, about)
    assert.ok(candidate.kind === 'crl')
    assert.deepEqual([candidate.row.signature, candidate.row.revoked, candidate.row.collection], [signature, 1, '001'])
    assert.equal(candidate.content, crl)
  }
  await assert.rejects(
    candidateOf(crlEntry(impostor.crl()), trusting(csca), about),
    error => error instanceof EntryRefused && error.code === 'signature_invalid',
  )
})

test('what is none of what it says is refused by kind', async () => {
  const codes = {
    certificate: 'certificate_malformed',
    crl: 'crl_malformed',
    masterList: 'master_list_malformed',
  } as const
  for (const [kind, code] of Object.entries(codes) as [keyof typeof codes, string][]) {
    await assert.rejects(
      candidateOf(entryWith(Uint8Array.of(1, 2, 3), { kind }), trusting(csca), about),
      error => error instanceof EntryRefused && error.code === code,
      kind,
    )
  }
})
