import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../layer/framework/src/clock/clock.ts'
import { createMemoryDatabase } from '../../layer/framework/src/database/sqlite/memory-database.ts'
import { digestOf } from '../../layer/framework/src/keys/digest.ts'
import { createEmbeddedKeyProvider } from '../../layer/framework/src/keys/embedded/embedded-key-provider.ts'
import { keyCatalogue } from '../../layer/framework/src/keys/key-catalogue.ts'
import { createKeyService, type KeyService } from '../../layer/framework/src/keys/key-service.ts'
import { defineKey } from '../../layer/framework/src/keys/keys.ts'
import { type SigningAlgorithmName, signingAlgorithm } from '../../layer/framework/src/keys/signing-algorithms.ts'
import { verifySignature } from '../../layer/framework/src/keys/verify-signature.ts'

export interface KeysBenchmark {
  readonly name: string
  readonly perSecond: number
  /** Rate against the bare node:crypto call for the same work, measured in turns with it. */
  readonly ratio: number
}

const algorithms = [
  'RSA-SHA256',
  'RSA-PSS-SHA256',
  'ECDSA-SHA256',
  'ML-DSA-65',
] as const satisfies SigningAlgorithmName[]
const definition = defineKey({ name: 'bench', purpose: 'sign', algorithms })
const message = Buffer.alloc(1024, 'a document')

/** What the keys port adds to node:crypto: rates and ratios, in about ten seconds. */
export async function benchKeys(turns = 7): Promise<readonly KeysBenchmark[]> {
  const directory = await mkdtemp(join(tmpdir(), 'mmf-bench-keys-'))
  const database = createMemoryDatabase({ clock: systemClock })
  await database.open([keyCatalogue])
  try {
    const secret = { passphrase: 'only for the benchmark' }
    const provider = createEmbeddedKeyProvider({ directory, secret, scryptCost: 2 ** 14 })
    const keys = createKeyService({ provider, database, definitions: [definition], clock: systemClock })
    await keys.ensure(definition, algorithms)
    const results: KeysBenchmark[] = []
    for (const algorithm of algorithms) results.push(...(await benchAlgorithm(keys, algorithm, turns)))
    return results
  } finally {
    await database.close()
    await rm(directory, { recursive: true })
  }
}

async function benchAlgorithm(
  keys: KeyService,
  algorithm: SigningAlgorithmName,
  turns: number,
): Promise<KeysBenchmark[]> {
  const compare = (name: string, bare: () => unknown, ours: () => Promise<unknown>) => compared(name, bare, ours, turns)
  const input = { message }
  const signed = await keys.sign('bench', algorithm, input)
  const { signature } = signed
  const { publicKey } = await keys.version(signed.keyId, signed.keyVersion)
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  const { hash, keySpec } = signingAlgorithm(algorithm)
  const bareVerify = () => verify(hash ?? null, message, optionsOf(algorithm, key), signature)
  const results = [
    await compare(`${algorithm} verify, key imported`, bareVerify, () =>
      verifySignature(algorithm, key, input, signature),
    ),
    await compare(`${algorithm} verify, through the key service`, bareVerify, () =>
      keys.verify(signed, algorithm, input, signature),
    ),
  ]
  if (hash !== undefined) {
    const digest = digestOf(algorithm, message)
    const byDigest = () => keys.verify(signed, algorithm, { digest }, signature)
    results.push(await compare(`${algorithm} verify by digest`, bareVerify, byDigest))
  }
  const privateKey = generate(keySpec)
  const bareSign = () => sign(hash ?? null, message, optionsOf(algorithm, privateKey))
  results.push(await compare(`${algorithm} sign, embedded`, bareSign, () => keys.sign('bench', algorithm, input)))
  return results
}

function generate(keySpec: string): KeyObject {
  if (keySpec === 'RSA_3072') return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey
  if (keySpec === 'ECC_NIST_P256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return generateKeyPairSync('ml-dsa-65').privateKey
}

function optionsOf(algorithm: SigningAlgorithmName, key: KeyObject) {
  const { scheme, saltBytes } = signingAlgorithm(algorithm)
  return scheme === 'rsa-pss' && saltBytes !== undefined
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }
    : { key }
}

/** Both in short turns, so that a change of the machine's speed meets both; the median turn counts. */
async function compared(
  name: string,
  bare: () => unknown,
  ours: () => Promise<unknown>,
  count: number,
): Promise<KeysBenchmark> {
  const turns = { bare: [] as number[], ours: [] as number[] }
  await rate(bare)
  await rate(ours)
  for (let turn = 0; turn < count; turn++) {
    turns.bare.push(await rate(bare))
    turns.ours.push(await rate(ours))
  }
  const perSecond = median(turns.ours)
  return { name, perSecond, ratio: perSecond / median(turns.bare) }
}

async function rate(work: () => unknown): Promise<number> {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < 30) {
    const result = work()
    if (result instanceof Promise) await result
    count++
  }
  return (count * 1000) / (performance.now() - start)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

if (import.meta.main) {
  for (const { name, perSecond, ratio } of await benchKeys())
    console.log(`${name.padEnd(48)} ${perSecond.toFixed(0).padStart(8)}/s  ${ratio.toFixed(2)} × node:crypto`)
}
