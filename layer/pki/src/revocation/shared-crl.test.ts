import assert from 'node:assert/strict'
import type { KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { createKeyCache } from '../signature/key-cache.ts'
import type { KeyCache } from '../signature/types.ts'
import { createRoot, keyUsage, testKey, testTime } from '../testing/index.ts'
import { validateCertificate } from '../verdict/validate-certificate.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { parseCrl } from './crl.ts'
import { prepareEvidence } from './evidence.ts'

const root = createRoot('C=UT, CN=Shared Root')
const crlKey = testKey('p256', 'shared crl signer')
const signer = root.issue(root.name, { key: crlKey, extensions: [keyUsage(['cRLSign'])] })
const leaves = Array.from({ length: 20 }, (_, index) => root.issue(`CN=Leaf ${index}`, { key: testKey() }))

/** A key cache that counts how often each key is used: once for each signature that is verified with it. */
function countingCache(): KeyCache & { readonly uses: (spki: Uint8Array) => number } {
  const cache = createKeyCache()
  const counts = new Map<string, number>()
  const { entries } = cache
  const set = entries.set.bind(entries)
  entries.set = (id, held) => {
    countUses(held as HeldKey, counts)
    return set(id, held)
  }
  return { ...cache, uses: spki => counts.get(Buffer.from(spki).toString('hex')) ?? 0 }
}

interface HeldKey {
  readonly spki: Uint8Array
  readonly imported: { readonly key: KeyObject }
}

function countUses({ spki, imported }: HeldKey, counts: Map<string, number>): void {
  const id = Buffer.from(spki).toString('hex')
  if (counts.has(id)) return
  counts.set(id, 0)
  const { key } = imported
  Object.defineProperty(imported, 'key', {
    get: () => {
      counts.set(id, (counts.get(id) ?? 0) + 1)
      return key
    },
  })
}

const judge = (target: Uint8Array, more: object) =>
  validateCertificate({
    target,
    anchors: [root.der],
    intermediates: [signer.der],
    profile: 'rfc5280',
    time: testTime,
    revocation: 'soft-fail',
    ...more,
  })

test('the signature of a list that many validations share is verified once', () => {
  const crl = parseCrl(root.crl({ signer: crlKey, entries: [{ serial: leaves[3]?.serial ?? 0 }] }))
  const keyCache = countingCache()
  const evidence = prepareEvidence([crl])
  const verdicts = leaves.map(({ der }, index) =>
    judge(der, { keyCache, ...(index % 2 === 0 ? { evidence } : { crls: [crl] }) }),
  )
  assert.deepEqual(
    verdicts.flatMap(({ valid }, index) => (valid ? [] : [index])),
    [3],
  )
  const { spki } = crlKey
  assert.equal(keyCache.uses(spki), 1)
  const other = parseCrl(crl.der)
  judge(leaves[0]?.der ?? new Uint8Array(), { keyCache, crls: [other] })
  assert.equal(keyCache.uses(spki), 2, 'another object is verified anew')
})

test('a validation costs the same, whatever was verified before it', () => {
  const crl = parseCrl(root.crl({ signer: crlKey }))
  const [first, ...others] = leaves.map(({ der }) => judge(der, { crls: [crl] }).work)
  for (const work of others) assert.deepEqual(work, first)
  // Enough for the leaf and one key that has the issuer's name, not for the key that signed the list.
  const limits = { maxSignatureChecks: 2 }
  const { findings } = judge(leaves[0]?.der ?? new Uint8Array(), { crls: [crl], limits })
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['revocation_undetermined', 'crl_signature_invalid', 'revocation_work_exhausted'],
    'a limit binds a remembered signature as well',
  )
})

test('a forged list gains nothing from a good one', () => {
  const good = parseCrl(root.crl())
  const bytes = Uint8Array.from(good.der)
  const last = bytes.length - 1
  bytes[last] = (bytes[last] ?? 0) ^ 1
  const forged = parseCrl(bytes)
  const { spki } = root.key
  assert.equal(good.signatureVerdict(spki).status, 'valid')
  assert.equal(forged.signatureVerdict(spki).status, 'invalid')
  assert.equal(good.signatureVerdict(spki).status, 'valid')
  assert.throws(() => Object.assign(good, { signature: forged.signature }), TypeError)
  assert.throws(() => Object.assign(good, { tbs: forged.tbs }), TypeError)
  assert.throws(() => Object.assign(good.signatureAlgorithm, { oid: '1.2.3' }), TypeError)
  assert.throws(() => Object.assign(good, { signatureVerdict: () => ({ status: 'valid' }) }), TypeError)
})

test('another key, and another policy, have a verdict of their own', () => {
  const list = parseCrl(root.crl())
  for (let index = 0; index < 40; index++) {
    const { spki } = testKey('p256', `shared stranger ${index % 3}`)
    assert.equal(list.signatureVerdict(spki).status, 'invalid')
    assert.equal(list.signatureVerdict(root.key.spki).status, 'valid')
  }
  const key = testKey('p256-explicit', 'shared explicit')
  const explicit = parseCrl(createRoot('C=UT, CN=Explicit', { key }).crl())
  const spki = parseCertificate(createRoot('C=UT, CN=Explicit', { key }).der).subjectPublicKeyInfo.raw
  assert.equal(explicit.signatureVerdict(spki).status, 'malformed')
  assert.equal(explicit.signatureVerdict(spki, { policy: { explicitCurves: true } }).status, 'valid')
  assert.equal(explicit.signatureVerdict(spki).status, 'malformed')
})
