import { basename, dirname, join } from 'node:path/posix'
import { isPkiError } from '../../../layer/pki/src/errors.ts'
import type { AnchorBinding } from '../../../layer/pki/src/path/trust-anchor.ts'
import type { ProfileName } from '../../../layer/pki/src/profiles/types.ts'
import { signatureAlgorithmByOid } from '../../../layer/pki/src/signature/signature-algorithms.ts'
import { schemeHash } from '../../../layer/pki/src/signature/signature-scheme.ts'
import { purposeOids, validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import type { ValidationInput } from '../../../layer/pki/src/verdict/validation-input.ts'
import { parseCertificate } from '../../../layer/pki/src/x509/certificate.ts'
import { parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, openData } from '../archive.ts'
import { type BsslChainTest, parseBsslChainTest } from '../bssl-test-file.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** A name and a key, and nothing that its certificate says. */
const noOptions: AnchorBinding = {
  validity: false,
  basicConstraints: false,
  keyUsage: false,
  extendedKeyUsage: false,
  nameConstraints: false,
  policies: false,
  criticalExtensions: false,
  certificateProfile: false,
}
const constraints: AnchorBinding = {
  ...noOptions,
  basicConstraints: true,
  keyUsage: true,
  extendedKeyUsage: true,
  nameConstraints: true,
  policies: true,
  criticalExtensions: true,
}

/** What the last certificate of the chain is to us; `none`: no anchor at all. */
const trustKinds: Readonly<Record<string, AnchorBinding | 'none'>> = {
  TRUSTED_ANCHOR: noOptions,
  TRUSTED_ANCHOR_WITH_EXPIRATION: { ...noOptions, validity: true },
  TRUSTED_ANCHOR_WITH_CONSTRAINTS: constraints,
  TRUSTED_ANCHOR_WITH_EXPIRATION_AND_CONSTRAINTS: { ...constraints, validity: true },
  DISTRUSTED: 'none',
  UNSPECIFIED: 'none',
}

/** The purposes that are asked for. The strict ones mix rules of the Baseline Requirements into it, each its own way. */
const purposesOf: Readonly<Record<string, readonly string[]>> = {
  ANY_EKU: [],
  SERVER_AUTH: [purposeOids.serverAuth],
  CLIENT_AUTH: [purposeOids.clientAuth],
}

/**
 * Chains of google/boringssl, `pki/testdata/verify_certificate_chain_unittest`, as published: folders of `.test` files and the PEM files
 * that they name. The path algorithm is asked for alone (`rfc5280` without its section 4), as there. A valid path must also come out with
 * the policies that the file expects. Files in a mode that this package does not have are skipped with the mode as the reason.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  // One file alone: its chain lies beside it.
  const single = options.data.endsWith('.test')
  const only = single ? basename(options.data) : options.only
  const data = openData(single ? dirname(options.data) : options.data)
  const files = new Map(data.map(file => [file.path, file]))
  for (const [path, file] of files) {
    if (!path.endsWith('.test') || (only !== undefined && only !== path)) continue
    yield runCase(path, file, files, (options.profile ?? 'rfc5280') as ProfileName)
  }
}

function runCase(id: string, file: DataFile, files: ReadonlyMap<string, DataFile>, profile: ProfileName): CaseResult {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  try {
    const test = parseBsslChainTest(new TextDecoder().decode(file.read()))
    const expected = test.fails ? 'invalid' : 'valid'
    const mode = modeWeLack(test)
    if (mode !== undefined) return { id, expected, got: '', elapsedMs: 0, skipped: `mode ${mode}` }
    const chain = files.get(join(dirname(id), test.chain))
    if (chain === undefined) throw new Error(`${test.chain} is missing`)
    const certificates = parsePem(new TextDecoder().decode(chain.read())).map(({ der }) => der)
    return { id, expected, ...judge(test, certificates, profile), elapsedMs: elapsed() }
  } catch (error) {
    const text = isPkiError(error) ? `${error.code}: ${error.message}` : String(error)
    return { id, expected: 'a verdict', got: '', elapsedMs: elapsed(), error: text }
  }
}

function modeWeLack({ lastCertTrust, keyPurpose, digestPolicy }: BsslChainTest): string | undefined {
  if (!Object.hasOwn(trustKinds, lastCertTrust)) return `last_cert_trust ${lastCertTrust}`
  if (!Object.hasOwn(purposesOf, keyPurpose)) return `key_purpose ${keyPurpose}`
  return digestPolicy === 'STRONG' || digestPolicy === 'ALLOW_SHA_1' ? undefined : `digest_policy ${digestPolicy}`
}

function judge(
  test: BsslChainTest,
  chain: readonly Uint8Array[],
  profile: ProfileName,
): Pick<CaseResult, 'got' | 'reason'> {
  const [target, ...others] = chain
  if (target === undefined) throw new Error(`${test.chain} holds no certificate`)
  const trust = trustKinds[test.lastCertTrust]
  const verdict = validateCertificate({
    target,
    intermediates: others,
    anchors: trust === undefined || trust === 'none' ? [] : [{ certificate: chain.at(-1) ?? target, binding: trust }],
    profile,
    time: test.time,
    purposes: purposesOf[test.keyPurpose] ?? [],
    ...strength(test, chain),
  })
  const reason = verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(', ')
  if (!verdict.valid) return { got: 'invalid', reason }
  const policies = [...verdict.policies].sort()
  const same = policies.length === test.policies.size && policies.every(policy => test.policies.has(policy))
  return same || test.fails
    ? { got: 'valid', reason }
    : { got: 'valid for other policies', reason: policies.join(', ') }
}

/** SHA-1 is refused together with what else RFC 5280 §4 asks of a CA; chains without it need no such strictness. */
function strength({ digestPolicy }: BsslChainTest, chain: readonly Uint8Array[]): Pick<ValidationInput, 'conformance'> {
  return { conformance: digestPolicy === 'STRONG' && chain.slice(0, -1).some(isSignedWithSha1) }
}

function isSignedWithSha1(der: Uint8Array): boolean {
  try {
    const scheme = signatureAlgorithmByOid(parseCertificate(der).signatureAlgorithm.oid)?.scheme
    return scheme !== undefined && schemeHash(scheme) === 'sha1'
  } catch (error) {
    if (!isPkiError(error)) throw error
    return false
  }
}
