import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { signingAlgorithm, signingAlgorithmNames } from '@mmf/framework'
import type { createKeyService } from '@mmf/framework/embedded'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import {
  nobleVerifiesDocument,
  opensslMissing,
  opensslVerifiesDigest,
  opensslVerifiesDocument,
} from './second-opinion.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-algorithms-'))
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith(...signingAlgorithmNames) })
})
after(async () => {
  await marty.stop()
  rmSync(folder, { recursive: true })
})

const document = Buffer.from('%PDF-1.7 a document to be signed')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const digestOf = (hash: string, bytes: Uint8Array) => createHash(hash).update(bytes).digest()

async function sign(subject: { document: string } | { digest: string }, signingAlgorithm: string) {
  const body = { ...subject, signingAlgorithm }
  const { status, json, text } = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })
  assert.equal(status, 201, text)
  return json
}

async function verify(body: object) {
  const { status, json, text } = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
  assert.equal(status, 200, text)
  return json
}

/** The same bytes with one bit changed. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

async function published(keyId: string, version: number, accept = 'application/json') {
  const answer = await marty.request('GET', `/v1/keys/${keyId}/versions/${version}`, { headers: { accept } })
  assert.equal(answer.status, 200, answer.text)
  return answer
}

assert.ok(signingAlgorithmNames.length >= 12)

for (const algorithm of signingAlgorithmNames) {
  const { hash, scheme } = signingAlgorithm(algorithm)
  const subjects = [
    { document: base64(document) },
    ...(hash === undefined ? [] : [{ digest: base64(digestOf(hash, document)) }]),
  ]

  describe(algorithm, () => {
    it('verifies by document and by digest what was signed by either', async () => {
      for (const signed of subjects) {
        const signature = await sign(signed, algorithm)
        assert.equal(signature.algorithm, algorithm)
        assert.equal(signature.documentHash, digestOf(hash ?? 'sha256', document).toString('hex'))
        for (const subject of subjects) {
          assert.deepEqual(await verify({ ...subject, signature }), { valid: true })
          assert.deepEqual(await verify({ ...subject, signatureId: signature.signatureId }), { valid: true })
        }
      }
    })

    it('finds a flipped bit in the document, the digest or the signature', async () => {
      const signature = await sign({ document: base64(document) }, algorithm)
      const bytes = Buffer.from(signature.signature, 'base64')
      for (const at of [0, document.length - 1]) {
        const changed = flipped(document, at)
        const found = await verify({ document: base64(changed), signature })
        assert.deepEqual(found, { valid: false, reason: 'signature_mismatch' })
        if (hash === undefined) continue
        const byDigest = await verify({ digest: base64(digestOf(hash, changed)), signature })
        assert.deepEqual(byDigest, { valid: false, reason: 'signature_mismatch' })
      }
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const changed = { ...signature, signature: base64(flipped(bytes, at)) }
        for (const subject of subjects) {
          const { valid, reason } = await verify({ ...subject, signature: changed })
          assert.equal(valid, false, `bit in byte ${at}`)
          assert.match(reason, /^signature_(mismatch|malformed)$/)
        }
      }
      for (const other of [bytes.subarray(1), Buffer.concat([bytes, Buffer.of(0)])]) {
        const { valid } = await verify({ ...subjects[0], signature: { ...signature, signature: base64(other) } })
        assert.equal(valid, false)
      }
    })

    it('says what is wrong with the key', async () => {
      const signature = await sign({ document: base64(document) }, algorithm)
      const invalid = async (change: object) =>
        (await verify({ document: base64(document), signature: { ...signature, ...change } })).reason
      assert.equal(await invalid({ keyVersion: 99 }), 'key_not_found')
      assert.equal(await invalid({ keyId: 'nobody' }), 'key_not_found')
      const other = scheme.startsWith('rsa') ? 'document_signer-ecc-nist-p256' : 'document_signer-rsa-3072'
      assert.equal(await invalid({ keyId: other }), 'key_mismatch')
    })

    it('is confirmed by a second implementation', { skip: scheme !== 'ml-dsa' && opensslMissing }, async () => {
      for (const subject of subjects) {
        const { signature: text, keyId, keyVersion } = await sign(subject, algorithm)
        const signature = Buffer.from(text, 'base64')
        if (algorithm === 'ML-DSA-44' || algorithm === 'ML-DSA-65' || algorithm === 'ML-DSA-87') {
          const { json: jwk } = await published(keyId, keyVersion)
          assert.equal(nobleVerifiesDocument(algorithm, jwk, signature, document), true)
          assert.equal(nobleVerifiesDocument(algorithm, jwk, signature, flipped(document, 3)), false)
          continue
        }
        const { text: pem } = await published(keyId, keyVersion, 'application/x-pem-file')
        const signed = { algorithm, pem, signature }
        const digest = digestOf(hash ?? '', document)
        assert.equal(opensslVerifiesDocument(folder, signed, document), true)
        assert.equal(opensslVerifiesDocument(folder, signed, flipped(document, 3)), false)
        assert.equal(opensslVerifiesDigest(folder, signed, digest), true)
        assert.equal(opensslVerifiesDigest(folder, signed, flipped(digest, 3)), false)
      }
    })
  })
}

describe('large documents', () => {
  it('of 5 MB are signed by digest, of 3 MB by body', async () => {
    const large = Buffer.alloc(5_000_000, 'PDF ')
    const byDigest = await sign({ digest: base64(digestOf('sha256', large)) }, 'RSA-SHA256')
    assert.equal(byDigest.documentHash, digestOf('sha256', large).toString('hex'))
    const medium = Buffer.alloc(3 * 1024 * 1024, 'PDF ')
    const byBody = await sign({ document: base64(medium) }, 'RSA-SHA256')
    assert.deepEqual(await verify({ document: base64(medium), signature: byBody }), { valid: true })
    const digest = base64(digestOf('sha256', medium))
    assert.deepEqual(await verify({ digest, signature: byBody }), { valid: true })
  })

  it('of 5 MB are verified by OpenSSL', { skip: opensslMissing }, async () => {
    const large = Buffer.alloc(5_000_000, 'PDF ')
    const byDigest = await sign({ digest: base64(digestOf('sha256', large)) }, 'RSA-SHA256')
    const { text: pem } = await published(byDigest.keyId, byDigest.keyVersion, 'application/x-pem-file')
    const signed = { algorithm: 'RSA-SHA256', pem, signature: Buffer.from(byDigest.signature, 'base64') } as const
    assert.equal(opensslVerifiesDocument(folder, signed, large), true)
  })
})

describe('another key', () => {
  it('verifies nothing of the old one, which verifies for ever', async () => {
    const old = await sign({ document: base64(document) }, 'ECDSA-SHA256')
    const keys = marty.platform.http.keys as ReturnType<typeof createKeyService>
    assert.equal(await keys.rotate(old.keyId), 2)

    const next = await sign({ document: base64(document) }, 'ECDSA-SHA256')
    assert.equal(next.keyVersion, 2)
    for (const signature of [old, next]) {
      assert.deepEqual(await verify({ document: base64(document), signature }), { valid: true })
      const exchanged = { ...signature, keyVersion: 3 - signature.keyVersion }
      const found = await verify({ document: base64(document), signature: exchanged })
      assert.deepEqual(found, { valid: false, reason: 'signature_mismatch' })
    }
    const { json } = await marty.request('GET', '/v1/keys/jwks')
    const kids = json.keys.map(({ kid }: { kid: string }) => kid)
    for (const version of [1, 2]) assert.ok(kids.includes(`${old.keyId}.${version}`), 'both are published')

    await keys.revoke(old.keyId, 1)
    const revoked = await verify({ document: base64(document), signature: old })
    assert.deepEqual(revoked, { valid: false, reason: 'key_revoked' })
  })
})

describe('the configured algorithms', () => {
  it('govern signing, never verifying', async () => {
    const signature = await sign({ document: base64(document) }, 'RSA-PSS-SHA512')
    const narrow = await startPlatform({ dataDirectory: marty.dataDirectory, env: signingWith('ECDSA-SHA384') })
    try {
      const token = narrow.token()
      const body = { document: base64(document), signingAlgorithm: 'RSA-PSS-SHA512' }
      const refused = await narrow.request('POST', '/v1/documents/sign', { token, body })
      assert.deepEqual([refused.status, refused.json.allowed], [422, ['ECDSA-SHA384']])
      const verified = await narrow.request('POST', '/v1/documents/verify', {
        token,
        body: { document: base64(document), signature },
      })
      assert.deepEqual(verified.json, { valid: true })
    } finally {
      await narrow.stop()
    }
  })
})
