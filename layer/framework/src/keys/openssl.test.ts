import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { digestOf } from './digest.ts'
import { signEcdsaDigest } from './ecdsa-digest.ts'
import { keySpecs } from './key-specs.ts'
import { signRsaDigest } from './rsa-digest.ts'
import { signatureParameters } from './signature-parameters.ts'
import {
  type KeyShape,
  type SigningAlgorithmName,
  signingAlgorithm,
  signingAlgorithmNames,
} from './signing-algorithms.ts'
import { verifySignature } from './verify-signature.ts'

const missing = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not on the PATH'

/** OpenSSL's command line, a second implementation of formats and options, in both directions and from document and digest. */
describe('openssl dgst and pkeyutl', { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-openssl-'))
  const file = (name: string) => join(folder, name)
  const document = Buffer.alloc(10_000, 'a document')
  const keys = new Map<string, { publicKey: KeyObject; privateKey: KeyObject }>()

  before(() => {
    writeFileSync(file('document'), document)
    for (const [spec, row] of Object.entries(keySpecs)) {
      if (row.type !== 'rsa' && row.type !== 'ec') continue
      const pair = generate(row)
      keys.set(spec, pair)
      writeFileSync(file(`${spec}.pem`), pair.publicKey.export({ type: 'spki', format: 'pem' }))
      writeFileSync(file(`${spec}.key`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const algorithm of signingAlgorithmNames) {
    const { hash = '', scheme, keySpec, saltBytes } = signingAlgorithm(algorithm)
    if (scheme === 'ml-dsa') continue
    const pss = scheme === 'rsa-pss' ? ['rsa_padding_mode:pss', `rsa_pss_saltlen:${saltBytes}`] : []
    const dgst = [`-${hash}`, ...pss.flatMap(option => ['-sigopt', option])]
    const pkeyutl = [`digest:${hash}`, ...pss].flatMap(option => ['-pkeyopt', option])
    const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, { stdio: 'pipe' })

    test(`${algorithm}: OpenSSL verifies ours`, async () => {
      writeFileSync(file('digest'), digestOf(algorithm, document))
      const signature = await signByDigest(
        algorithm,
        (keys.get(keySpec) as { privateKey: KeyObject }).privateKey,
        document,
      )
      writeFileSync(file('signature'), signature)
      const pem = file(`${keySpec}.pem`)
      openssl('dgst', ...dgst, '-verify', pem, '-signature', file('signature'), file('document'))
      const byDigest = ['-pubin', '-inkey', pem, '-in', file('digest'), '-sigfile', file('signature')]
      openssl('pkeyutl', '-verify', ...byDigest, ...pkeyutl)
      writeFileSync(file('digest'), digestOf(algorithm, Buffer.from('another')))
      assert.throws(() => openssl('pkeyutl', '-verify', ...byDigest, ...pkeyutl))
    })

    test(`${algorithm}: we verify OpenSSL's`, async () => {
      const key = file(`${keySpec}.key`)
      const digest = digestOf(algorithm, document)
      writeFileSync(file('digest'), digest)
      const { publicKey } = keys.get(keySpec) as { publicKey: KeyObject }
      for (const signature of [
        openssl('dgst', ...dgst, '-sign', key, file('document')),
        openssl('pkeyutl', '-sign', '-inkey', key, '-in', file('digest'), ...pkeyutl),
      ])
        for (const input of [{ message: document }, { digest }])
          assert.deepEqual(await verifySignature(algorithm, publicKey, input, signature), { valid: true })
    })
  }
})

function generate(row: Extract<KeyShape, { type: 'rsa' | 'ec' }>) {
  return row.type === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: row.curve })
}

async function signByDigest(
  algorithm: SigningAlgorithmName,
  privateKey: KeyObject,
  message: Uint8Array,
): Promise<Uint8Array> {
  const parameters = signatureParameters(algorithm)
  const { hash } = signingAlgorithm(algorithm)
  const digest = digestOf(algorithm, message)
  if (parameters.scheme === 'rsa-pss')
    return signRsaDigest({ mgfHash: parameters.hash, ...parameters }, privateKey, digest)
  if (parameters.scheme === 'ecdsa') return signEcdsaDigest(privateKey, digest)
  assert.ok(hash)
  return signRsaDigest({ scheme: 'rsa-pkcs1', hash }, privateKey, digest)
}
