import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const source = resolve(import.meta.dirname, '..')
const repository = resolve(source, '../../..')

/** secp256k1 (SEC 2 §2.4.1), which the platform does not offer: KMS has it as ECC_SECG_P256K1. */
const row = `
  'ECDSA-K256-SHA256': {
    scheme: 'ecdsa',
    keySpec: 'ECC_SECG_P256K1',
    key: {
      type: 'ec',
      curve: 'secp256k1',
      coordinateBytes: 32,
      digestCurve: async () => (await import('@noble/curves/secp256k1.js')).secp256k1,
    },
    kms: 'ECDSA_SHA_256',
    hash: 'sha256',
    digestBytes: 32,
    jwa: 'ES256K',
    oid: '1.2.840.10045.4.3.2',
  },`

/** The framework with one more row in its table of algorithms, and nothing else changed. */
function frameworkWith(added: string): string {
  mkdirSync(join(repository, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(repository, '.tmp/one-row-'))
  cpSync(source, folder, { recursive: true, filter: path => !path.endsWith('.test.ts') })
  const file = join(folder, 'keys/signing-algorithms.ts')
  const text = readFileSync(file, 'utf8')
  const opening = 'export const signingAlgorithms = {'
  assert.ok(text.includes(opening))
  writeFileSync(file, text.replace(opening, opening + added))
  return folder
}

test('an algorithm with a key of its own is one row: it makes keys, signs and verifies documents and digests', async t => {
  const folder = frameworkWith(row)
  t.after(() => rmSync(folder, { recursive: true }))
  const load = (file: string) => import(join(folder, 'keys', file))
  const { createEmbeddedKeyProvider } = await load('embedded/embedded-key-provider.ts')
  const { keyIdOf } = await load('key-specs.ts')
  const { importSpki } = await load('spki.ts')
  const { verifySignature } = await load('verify-signature.ts')
  const directory = join(folder, 'store')
  const provider = createEmbeddedKeyProvider({ directory, secret: { passphrase: 'a passphrase of the tests' } })
  const { providerRef, publicKey } = await provider.create('ECC_SECG_P256K1')
  const algorithm = 'ECDSA-K256-SHA256'
  const message = Buffer.from('a document')
  const digest = createHash('sha256').update(message).digest()
  for (const input of [{ message }, { digest }]) {
    const signature = await provider.sign({ providerRef, publicKey, algorithm, ...input })
    for (const check of [{ message }, { digest }])
      assert.deepEqual(await verifySignature(algorithm, publicKey, check, signature), { valid: true })
    assert.ok(verify('sha256', message, importSpki(publicKey), signature), 'node:crypto agrees')
    const other = { digest: createHash('sha256').update('another').digest() }
    assert.deepEqual(await verifySignature(algorithm, publicKey, other, signature), {
      valid: false,
      reason: 'signature_mismatch',
    })
  }
  await assert.rejects(provider.sign({ providerRef, publicKey, algorithm, digest: digest.subarray(1) }), {
    code: 'digest_length_invalid',
  })
  assert.equal(
    createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }).asymmetricKeyDetails?.namedCurve,
    'secp256k1',
  )
  assert.equal(keyIdOf('document_signer', 'ECC_SECG_P256K1'), 'document_signer-ecc-secg-p256k1')
})
