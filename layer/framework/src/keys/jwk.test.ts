import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { importJWK } from 'jose'
import { isMmfError } from '../errors/mmf-error.ts'
import { toJwk, toJwkSet } from './jwk.ts'
import type { KeyVersion } from './keys.ts'
import { exportSpki } from './spki.ts'

const versionOf = (keySpec: string, key: KeyObject, state: KeyVersion['state'] = 'active'): KeyVersion => ({
  keyId: `document_signer-${keySpec.toLowerCase().replaceAll('_', '-')}`,
  version: 3,
  state,
  keySpec,
  publicKey: exportSpki(key),
  createdAt: '2026-01-01T00:00:00.000Z',
})
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey
const mlDsa = generateKeyPairSync('ml-dsa-44').publicKey

test('a JWK names key and version, and the algorithm where there is one', () => {
  const common = { use: 'sig', key_ops: ['verify'] }
  const { n, e, ...rsaRest } = toJwk(versionOf('RSA_3072', rsa))
  assert.deepEqual(rsaRest, { kty: 'RSA', kid: 'document_signer-rsa-3072.3', ...common })
  assert.ok(n && e)
  const { x, y, ...ecRest } = toJwk(versionOf('ECC_NIST_P521', p521))
  assert.deepEqual(ecRest, { kty: 'EC', crv: 'P-521', alg: 'ES512', kid: 'document_signer-ecc-nist-p521.3', ...common })
  assert.ok(x && y)
  const { pub, ...akpRest } = toJwk(versionOf('ML_DSA_44', mlDsa))
  assert.deepEqual(akpRest, { kty: 'AKP', alg: 'ML-DSA-44', kid: 'document_signer-ml-dsa-44.3', ...common })
  assert.equal(Buffer.from(pub ?? '', 'base64url').length, 1312)
})

test('a JWK is the same key, also for another reader', async () => {
  for (const [spec, key] of [
    ['RSA_3072', rsa],
    ['ECC_NIST_P521', p521],
    ['ML_DSA_44', mlDsa],
  ] as const) {
    const version = versionOf(spec, key)
    const jwk = toJwk(version)
    assert.ok(createPublicKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' }).equals(key))
    if (spec !== 'ML_DSA_44') assert.ok(await importJWK({ ...jwk, key_ops: ['verify'] }, jwk.alg ?? 'RS256'))
  }
})

test('a key set holds what verifies: revoked versions are left out', () => {
  const versions = [versionOf('ECC_NIST_P521', p521, 'revoked'), versionOf('RSA_3072', rsa, 'retired')]
  assert.deepEqual(
    toJwkSet(versions).keys.map(key => key.kid),
    ['document_signer-rsa-3072.3'],
  )
})

test('a damaged public key is an error', () => {
  const damaged = { ...versionOf('RSA_3072', rsa), publicKey: new Uint8Array(3) }
  assert.throws(
    () => toJwk(damaged),
    error => isMmfError(error, 'database_row_invalid'),
  )
})
