import { existsSync } from 'node:fs'
import * as der from '../../../layer/pki/src/der/writer.ts'
import { isPkiError } from '../../../layer/pki/src/errors.ts'
import { type HashName, hashAlgorithms } from '../../../layer/pki/src/signature/hash-algorithms.ts'
import { createKeyCache, importPublicKey } from '../../../layer/pki/src/signature/key-cache.ts'
import { signatureAlgorithms } from '../../../layer/pki/src/signature/signature-algorithms.ts'
import type {
  PureKeyType,
  SignatureEncoding,
  SignatureScheme,
} from '../../../layer/pki/src/signature/signature-scheme.ts'
import type { KeyCache } from '../../../layer/pki/src/signature/types.ts'
import { verifyPrepared } from '../../../layer/pki/src/signature/verify.ts'
import { openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'
import { platformVerdicts } from './wycheproof-platform.ts'

/** Upstream's file (C2SP/wycheproof, `schemas/*_verify_schema*.json`), as far as it is read. */
interface TestFile {
  algorithm?: string
  testGroups: TestGroup[]
}

interface TestGroup {
  type: string
  sha?: string
  mgf?: string
  mgfSha?: string
  sLen?: number
  publicKeyDer?: string
  publicKey?: unknown
  keyDer?: string
  key?: unknown
  private?: JsonWebKey
  public?: JsonWebKey
  tests: TestCase[]
}

interface TestCase {
  tcId: number
  comment: string
  msg?: string
  sig?: string
  ctx?: string
  jws?: unknown
  result: 'valid' | 'invalid' | 'acceptable'
}

type JsonWebKey = Readonly<Record<string, unknown>>
type VerifyJws = (jws: string, jwk: JsonWebKey) => Promise<boolean>

/** How a group is verified: by a key and a scheme, or not at all. */
type Setup =
  | { spki: Uint8Array; schemeOf(test: TestCase): SignatureScheme }
  | { refused: string }
  | { skipped: string }
  | { error: string }
  | 'jws'

/** The token verifier belongs to the framework; it takes a compact JWS and a key, and answers true or false. */
const jwsVerifier = new URL('../../../layer/framework/src/testing/verify-jws.ts', import.meta.url)

/**
 * Wycheproof's signature verification files, through every function that verifies signatures: certificates' (@mmf/pki), documents' where the platform signs
 * with the algorithm, tokens' for JWS. A case is right when all of them are. A case that upstream calls `acceptable` is right with either verdict. Cases of
 * groups that are no signature verification, or whose declared hash or curve this package does not claim, are skipped.
 */
export async function* run({ data, only }: SuiteOptions): AsyncGenerator<CaseResult> {
  const verifyJws = await loadVerifyJws()
  const keyCache = createKeyCache()
  for (const file of openData(data)) {
    if (!file.name.endsWith('.json')) continue
    const content = readJson(file)
    if (!isTestFile(content)) continue
    const prefix = file.name.replace(/_test\.json$|\.json$/, '')
    for (const group of content.testGroups) {
      let setup: Setup | undefined
      for (const test of group.tests) {
        const id = `${prefix}/${test.tcId}`
        if (only !== undefined && only !== id) continue
        const started = performance.now()
        setup ??= setUp(group, content)
        const outcome = await verdict(setup, group, test, keyCache, verifyJws)
        yield { id, expected: test.result, got: '', ...outcome, elapsedMs: performance.now() - started }
      }
    }
  }
}

function isTestFile(content: unknown): content is TestFile {
  return typeof content === 'object' && content !== null && Array.isArray((content as Partial<TestFile>).testGroups)
}

async function loadVerifyJws(): Promise<VerifyJws | undefined> {
  if (!existsSync(jwsVerifier)) return undefined
  const module: { verifyJws?: VerifyJws } = await import(jwsVerifier.href)
  return module.verifyJws
}

type Outcome = Partial<Pick<CaseResult, 'got' | 'reason' | 'skipped' | 'error'>>

async function verdict(
  setup: Setup,
  group: TestGroup,
  test: TestCase,
  keyCache: KeyCache,
  verifyJws?: VerifyJws,
): Promise<Outcome> {
  if (setup === 'jws') return verdictOnJws(group, test, verifyJws)
  if ('skipped' in setup || 'error' in setup) return setup
  if ('refused' in setup) return { got: 'invalid', reason: setup.refused }
  const { spki } = setup
  const scheme = setup.schemeOf(test)
  const [message, signature] = [unhex(test.msg), unhex(test.sig)]
  const result = verifyPrepared(scheme, { spki, data: message, signature, keyCache })
  if (result.status === 'unavailable') return { error: `unavailable: ${result.reason}` }
  const reason = result.status === 'malformed' ? `${test.comment}: ${result.reason}` : test.comment
  const ours = { got: word(result.status === 'valid'), reason }
  if (ours.got !== test.result) return ours
  try {
    const platform = await platformVerdicts(scheme, { spki, curve: curveOf(group), message, signature })
    const other = platform.find(({ valid }) => word(valid) !== test.result)
    if (other === undefined) return ours
    return { got: word(other.valid), reason: `${test.comment}: the platform, by ${other.by} ${other.reason}`.trimEnd() }
  } catch (error) {
    return { error: `the platform: ${error}` }
  }
}

const word = (valid: boolean): string => (valid ? 'valid' : 'invalid')

const curveOf = ({ publicKey, key }: TestGroup): string | undefined =>
  ((publicKey ?? key ?? {}) as { curve?: string }).curve

async function verdictOnJws(group: TestGroup, test: TestCase, verifyJws?: VerifyJws): Promise<Outcome> {
  const key = group.public ?? group.private
  if (verifyJws === undefined) return { error: 'the JWS verifier is not there' }
  if (key === undefined) return { error: 'the group holds no key' }
  const jws = typeof test.jws === 'string' ? test.jws : JSON.stringify(test.jws)
  try {
    return { got: (await verifyJws(jws, key)) ? 'valid' : 'invalid', reason: test.comment }
  } catch (error) {
    return { error: String(error) }
  }
}

function setUp(group: TestGroup, file: TestFile): Setup {
  if (group.type === 'JsonWebSignature') {
    const { kty, alg } = group.public ?? group.private ?? {}
    return kty === 'oct' ? { skipped: `not claimed: symmetric key (${alg})` } : 'jws'
  }
  const scheme = schemeOf(group, file)
  if (typeof scheme === 'string') return { skipped: scheme }
  try {
    const spki = spkiOf(group, scheme)
    importPublicKey(spki)
    const contextual = (test: TestCase) =>
      scheme.kind === 'pure' && test.ctx !== undefined ? { ...scheme, context: unhex(test.ctx) } : scheme
    return { spki, schemeOf: contextual }
  } catch (error) {
    // A key that cannot be read verifies nothing: a verdict, not a failure.
    if (isPkiError(error, 'key_malformed')) return { refused: error.message }
    if (isPkiError(error, 'algorithm_unavailable')) return { skipped: `not claimed: ${error.message}` }
    return { error: String(error) }
  }
}

/** Older files give an ML-DSA key as its octets alone. */
function spkiOf({ publicKeyDer, keyDer, publicKey }: TestGroup, scheme: SignatureScheme): Uint8Array {
  const encoded = publicKeyDer ?? keyDer
  if (encoded !== undefined || scheme.kind !== 'pure' || typeof publicKey !== 'string') return unhex(encoded)
  const { oid = '' } = signatureAlgorithms.find(({ name }) => name === scheme.keyType) ?? {}
  return der.sequence(der.sequence(der.oid(oid)), der.bitString(unhex(publicKey)))
}

/** The scheme of a group, or why it is not one of ours. */
function schemeOf(group: TestGroup, file: TestFile): SignatureScheme | string {
  const encoding: SignatureEncoding = group.type.includes('P1363') ? 'p1363' : 'der'
  const family = group.type.replace('P1363', '')
  if (family === 'MlDsaVerify' || family === 'EddsaVerify') return pureScheme(group, file)
  if (!hashedFamilies.has(family)) return `${group.type} is no signature verification this package claims`
  const hash = hashName(group.sha)
  if (hash === undefined) return `not claimed: hash ${group.sha}`
  if (family === 'EcdsaVerify') return { kind: 'ecdsa', hash, encoding }
  if (family === 'DsaVerify') return { kind: 'dsa', hash, encoding }
  if (family === 'RsassaPkcs1Verify') return { kind: 'rsa-pkcs1', hash }
  const mgfHash = hashName(group.mgfSha)
  if (group.mgf !== 'MGF1' || mgfHash === undefined) return `not claimed: ${group.mgf} with ${group.mgfSha}`
  return { kind: 'rsa-pss', hash, mgfHash, saltLength: group.sLen ?? 0 }
}

const hashedFamilies: ReadonlySet<string> = new Set([
  'EcdsaVerify',
  'DsaVerify',
  'RsassaPkcs1Verify',
  'RsassaPssVerify',
  'RsassaPssWithParametersVerify',
])

function pureScheme(group: TestGroup, file: TestFile): SignatureScheme | string {
  const curve = curveOf(group) ?? ''
  const named =
    group.type === 'EddsaVerify'
      ? curve.replace('edwards25519', 'ed25519').replace('edwards448', 'ed448')
      : file.algorithm
  const keyType = pureKeyTypes[(named ?? '').toLowerCase()]
  return keyType === undefined ? `not claimed: ${named}` : { kind: 'pure', keyType }
}

const pureKeyTypes: Readonly<Record<string, PureKeyType>> = {
  ed25519: 'ed25519',
  ed448: 'ed448',
  'ml-dsa-44': 'ml-dsa-44',
  'ml-dsa-65': 'ml-dsa-65',
  'ml-dsa-87': 'ml-dsa-87',
}

/** `SHA-256`, `SHA-512/256`, `SHA3-256` → the package's name. */
function hashName(upstream: string | undefined): HashName | undefined {
  const name = (upstream ?? '').toLowerCase().replace(/^sha-/, 'sha').replace('/', '-')
  return hashAlgorithms.find(hash => hash.name === name)?.name
}

function unhex(text: string | undefined): Uint8Array {
  return Uint8Array.from(Buffer.from(text ?? '', 'hex'))
}
