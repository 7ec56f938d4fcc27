import assert from 'node:assert/strict'
import { verify, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createRoot, subjectAltName, type TestKeyKind, testKey } from './index.ts'

test('node:crypto reads and verifies what the mock CA issues', () => {
  const root = createRoot()
  const ca = root.subordinate('C=UT, CN=Test CA')
  const leaf = ca.issue('C=UT, CN=Leaf', { extra: [subjectAltName([{ dns: 'leaf.test' }])] })
  const [rootX, caX, leafX] = [root.der, ca.der, leaf.der].map(bytes => new X509Certificate(bytes))
  assert.ok(rootX && caX && leafX)
  assert.ok(rootX.verify(rootX.publicKey) && caX.verify(rootX.publicKey) && leafX.verify(caX.publicKey))
  assert.ok(leafX.checkIssued(caX) && caX.checkIssued(rootX) && caX.ca && !leafX.ca)
  assert.equal(leafX.checkHost('leaf.test'), 'leaf.test')
  assert.equal(leafX.serialNumber, '01')
})

const kindTable: TestKeyKind[] = [
  'rsa-1024',
  'rsa-pss-2048',
  'p384',
  'p521',
  'brainpoolP256r1',
  'p256-explicit',
  'ed25519',
  'ml-dsa-44',
]

for (const kind of kindTable) {
  test(`a root with a ${kind} key verifies under itself`, () => {
    const root = new X509Certificate(createRoot(`CN=${kind}`, { key: testKey(kind) }).der)
    assert.ok(root.verify(root.publicKey))
  })
}

test('a corrupt signature does not verify', () => {
  const root = createRoot()
  const leaf = new X509Certificate(root.issue('CN=Leaf', { corruptSignature: true }).der)
  assert.equal(leaf.verify(new X509Certificate(root.der).publicKey), false)
})

test('the key pool gives the same key for the same label and another for another', () => {
  assert.equal(testKey('p256', 'a'), testKey('p256', 'a'))
  assert.notEqual(testKey('p256', 'a'), testKey('p256', 'b'))
  const { privateKey, publicKey } = testKey('p256', 'a')
  assert.ok(privateKey.type === 'private' && !verify('sha256', Buffer.from('x'), publicKey, Buffer.alloc(70)))
})
