import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { keySpecs } from './key-specs.ts'
import type { SignatureParameters } from './signature-parameters.ts'
import { verifySignature } from './verify-signature.ts'

interface Group {
  readonly type: string
  readonly sha?: string
  readonly mgfSha?: string
  readonly sLen?: number
  readonly publicKeyDer?: string
  readonly publicKey?: { readonly curve?: string }
  readonly tests: readonly {
    tcId: number
    msg: string
    sig: string
    ctx?: string
    result: 'valid' | 'invalid' | 'acceptable'
  }[]
}

const nistCurves: Readonly<Record<string, string>> = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
}
const bytes = (hex: string) => Buffer.from(hex, 'hex')
const hashName = (name = '') => name.toLowerCase().replace(/^sha-(\d+)$/, 'sha$1')

function parametersOf(group: Group, algorithm: string): SignatureParameters | undefined {
  const hash = hashName(group.sha)
  switch (group.type) {
    case 'RsassaPkcs1Verify':
      return { scheme: 'rsa-pkcs1', hash }
    case 'RsassaPssVerify':
    case 'RsassaPssWithParametersVerify':
      return { scheme: 'rsa-pss', hash, saltBytes: group.sLen ?? -1, mgfHash: hashName(group.mgfSha) }
    case 'EcdsaVerify': {
      const curve = nistCurves[group.publicKey?.curve ?? '']
      return curve === undefined ? undefined : { scheme: 'ecdsa', hash, curve }
    }
    case 'MlDsaVerify': {
      const spec = Object.values(keySpecs).find(row => row.type === algorithm.toLowerCase())
      return spec === undefined || !('signatureBytes' in spec) ? undefined : { scheme: 'ml-dsa', type: spec.type }
    }
  }
  return undefined
}

/** Checks one group by message and, where there is one, by digest. Returns how many cases were judged and the wrong ones. */
async function checkGroup(group: Group, parameters: SignatureParameters) {
  const wrong: string[] = []
  const key = bytes(group.publicKeyDer ?? '')
  for (const { tcId, msg, sig, ctx, result } of group.tests) {
    if (result === 'acceptable') continue
    const message = bytes(msg)
    const withContext = ctx === undefined ? parameters : { ...parameters, context: bytes(ctx) }
    const { valid } = await verifySignature(withContext, key, { message }, bytes(sig))
    if (valid !== (result === 'valid')) wrong.push(`${tcId} by message`)
    if (parameters.scheme === 'ml-dsa' || parameters.scheme === 'ed25519') continue
    const digest = createHash(parameters.hash).update(message).digest()
    const byDigest = await verifySignature(parameters, key, { digest }, bytes(sig))
    if (byDigest.valid !== (result === 'valid')) wrong.push(`${tcId} by digest`)
  }
  return wrong
}

const { CONFORMANCE_DATA: data } = process.env
if (data === undefined) {
  test('Wycheproof', { skip: 'CONFORMANCE_DATA names no folder with the vectors' }, () => {})
} else {
  const folder = join(data, 'wycheproof')
  for (const name of readdirSync(folder).filter(file => file.endsWith('.json.gz'))) {
    const file: { algorithm?: string; testGroups: Group[] } = JSON.parse(
      gunzipSync(readFileSync(join(folder, name))).toString(),
    )
    const groups = file.testGroups.flatMap(group => {
      const parameters = parametersOf(group, file.algorithm ?? '')
      return parameters === undefined ? [] : [{ group, parameters }]
    })
    if (groups.length === 0) continue
    test(`Wycheproof ${name}: no wrong verdict by message or by digest`, async () => {
      for (const { group, parameters } of groups) assert.deepEqual(await checkGroup(group, parameters), [])
    })
  }
}
