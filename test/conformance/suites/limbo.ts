import { isPkiError } from '../../../layer/pki/src/errors.ts'
import type { PeerName } from '../../../layer/pki/src/path/peer-name.ts'
import { peerNameOfHost } from '../../../layer/pki/src/path/peer-name.ts'
import { crlFieldRules } from '../../../layer/pki/src/profiles/rules/crl-rules.ts'
import type { ProfileName } from '../../../layer/pki/src/profiles/types.ts'
import { type CertificateList, parseCrl } from '../../../layer/pki/src/revocation/crl.ts'
import { purposeOids, validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import type { Verdict } from '../../../layer/pki/src/verdict/verdict.ts'
import { parseCertificate } from '../../../layer/pki/src/x509/certificate.ts'
import type { KeyUsageName } from '../../../layer/pki/src/x509/extensions/key-usage.ts'
import { parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** A case as C2SP/x509-limbo publishes it (limbo-schema.json); fields that newer versions add may be absent. */
interface LimboCase {
  id: string
  features: string[] | null
  validation_kind: 'SERVER' | 'CLIENT'
  trusted_certs: string[]
  untrusted_intermediates: string[]
  peer_certificate: string
  validation_time: string | null
  key_usage: KeyUsageName[] | null
  extended_key_usage: string[] | null
  expected_result: 'SUCCESS' | 'FAILURE'
  expected_peer_name: LimboPeer | null
  expected_peer_names: LimboPeer[] | null
  max_chain_depth: number | null
  crls?: string[] | null
}

interface LimboPeer {
  kind: 'RFC822' | 'DNS' | 'IP'
  value: string
}

/** Optional behaviour by its published flag that no profile here claims, with the reason. */
const notClaimed: Readonly<Record<string, string>> = {
  'no-cert-policies': 'certificate policies are processed',
  'pedantic-public-suffix-wildcard': 'of public suffixes only top-level domains are known, the list is not kept',
  'pedantic-smime-eku': 'recommendations (SHOULD) of the S/MIME requirements are not enforced',
}

/**
 * x509-limbo and BetterTLS. Unless a profile is given, the namespace of a case names the rules it is written for: the Web PKI's, or RFC 5280
 * with the peers and purposes the case asks for.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  for (const file of openData(options.data).filter(isLimbo)) {
    for (const testcase of (readJson(file) as { testcases: LimboCase[] }).testcases) {
      if (options.only !== undefined && options.only !== testcase.id) continue
      yield runCase(testcase, (options.profile ?? profileOf(testcase.id)) as ProfileName)
    }
  }
}

function isLimbo(file: DataFile): boolean {
  if (!file.name.endsWith('.json')) return false
  return Array.isArray((readJson(file) as { testcases?: unknown }).testcases)
}

function profileOf(id: string): ProfileName {
  const [namespace] = id.split('::')
  return namespace === 'webpki' || namespace === 'online' ? 'webpki' : 'rfc5280'
}

function runCase(testcase: LimboCase, profile: ProfileName): CaseResult {
  const { id } = testcase
  const expected = testcase.expected_result === 'SUCCESS' ? 'valid' : 'invalid'
  const flag = testcase.features?.find(feature => Object.hasOwn(notClaimed, feature))
  if (flag !== undefined) {
    return { id, expected, got: '', elapsedMs: 0, skipped: `${flag}: ${notClaimed[flag]}` }
  }
  const started = performance.now()
  try {
    const verdict = validate(testcase, profile)
    const elapsedMs = performance.now() - started
    const reason = verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(', ')
    return { id, expected, got: verdict.valid ? 'valid' : 'invalid', reason, elapsedMs }
  } catch (error) {
    return { id, expected, got: '', elapsedMs: performance.now() - started, error: String(error) }
  }
}

function validate(testcase: LimboCase, profile: ProfileName): Verdict {
  const [target] = certificates([testcase.peer_certificate])
  if (target === undefined) throw new Error('the case has no peer certificate')
  const crls = evidence(testcase.crls ?? [])
  return validateCertificate({
    target,
    intermediates: certificates(testcase.untrusted_intermediates),
    anchors: certificates(testcase.trusted_certs),
    profile,
    peerNames: namesOnlyDirectories(target) ? [] : peers(testcase),
    purposes: purposes(testcase),
    keyUsage: testcase.key_usage ?? [],
    ...(testcase.validation_time !== null && { time: new Date(testcase.validation_time) }),
    ...(typeof testcase.max_chain_depth === 'number' && { maxIntermediates: testcase.max_chain_depth }),
    ...(crls.length > 0 && { crls, revocation: 'required' }),
  })
}

function certificates(pems: readonly string[]): readonly Uint8Array[] {
  return pems.flatMap(pem => parsePem(pem).map(({ der }) => der))
}

/** A client names the server it means; a server names whom it expects as client. */
function peers(testcase: LimboCase): readonly PeerName[] {
  const { validation_kind: kind, expected_peer_name: server, expected_peer_names: clients } = testcase
  const wanted = kind === 'CLIENT' ? (clients ?? []) : [server ?? []].flat()
  return wanted.map(({ kind, value }): PeerName => {
    if (kind === 'RFC822') return { kind: 'email', value }
    // BetterTLS writes addresses as DNS names; a host that reads as an address is one (RFC 9525 §6.2).
    return peerNameOfHost(value)
  })
}

/**
 * The cases about directory names leave the suite's default host in place, though their certificates name nobody but directory entries: they
 * are about the names alone.
 */
function namesOnlyDirectories(der: Uint8Array): boolean {
  try {
    const names = parseCertificate(der).subjectAltName
    return names?.every(({ kind }) => kind === 'directoryName') === true
  } catch (error) {
    if (!isPkiError(error)) throw error
    return false
  }
}

/** A case that names no purpose is about its kind's. */
function purposes({ extended_key_usage: wanted, validation_kind: kind }: LimboCase): readonly string[] {
  if (wanted === null || wanted.length === 0)
    return [kind === 'SERVER' ? purposeOids.serverAuth : purposeOids.clientAuth]
  return wanted
    .filter(name => Object.hasOwn(purposeOids, name))
    .map(name => purposeOids[name as keyof typeof purposeOids])
}

/**
 * The CRLs a case comes with, revocation being required as soon as there is one. The suite takes a CRL that breaks the syntax of RFC 5280 §5.1,
 * nextUpdate included, for one that was never delivered.
 */
function evidence(pems: readonly string[]): readonly CertificateList[] {
  const lists: CertificateList[] = []
  for (const { der } of pems.flatMap(pem => parsePem(pem))) {
    try {
      const list = parseCrl(der)
      if (crlFieldRules.every(({ check }) => check(list) === undefined)) lists.push(list)
    } catch (error) {
      if (!isPkiError(error)) throw error
    }
  }
  return lists
}
