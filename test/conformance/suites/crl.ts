import { profileByName } from '../../../layer/pki/src/profiles/profiles.ts'
import { checkRevocation } from '../../../layer/pki/src/revocation/check.ts'
import { prepareEvidence } from '../../../layer/pki/src/revocation/evidence.ts'
import type { RevocationPolicy, RevocationResult } from '../../../layer/pki/src/revocation/types.ts'
import { verifySignature } from '../../../layer/pki/src/signature/verify.ts'
import { parseCertificate } from '../../../layer/pki/src/x509/certificate.ts'
import { parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, indexByName, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** The list of cases: one PEM file each, with the CRL, its issuer, a second CA certificate of a key rollover, and the target. */
interface CrlTests {
  validationTime: string
  maxAgeSeconds?: number
  tests: { file: string; expectedStatus: 'good' | 'revoked' | 'unknown' }[]
}

/**
 * Is a certificate good, revoked or unknown by one CRL? The authorities of a case are taken as a path that is valid already; `unknown` is
 * what the package calls undetermined. Default profile `webpki`: the cases expect indirect CRLs to be refused (Baseline
 * Requirements §7.2.2.1); RFC 5280 alone allows them.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  const files = openData(options.data)
  const byName = indexByName(files)
  const profile = profileByName(options.profile ?? 'webpki').name
  for (const list of files.filter(isCrlTests).map(file => readJson(file) as CrlTests)) {
    if (list.tests.some(({ file }) => holdsOcspResponse(byName.get(file)))) continue
    for (const { file, expectedStatus } of list.tests) {
      if (options.only !== undefined && options.only !== file) continue
      yield runCase(file, expectedStatus, byName.get(file), list, profile)
    }
  }
}

function isCrlTests(file: DataFile): boolean {
  if (!file.name.endsWith('.json')) return false
  const { tests } = readJson(file) as { tests?: unknown }
  return (
    Array.isArray(tests) && tests.every(test => typeof test === 'object' && test !== null && 'expectedStatus' in test)
  )
}

/** The table is of the form of this one, but of suite `bssl-ocsp`. */
function holdsOcspResponse(file: DataFile | undefined): boolean {
  return file !== undefined && new TextDecoder().decode(file.read()).includes('-----BEGIN OCSP RESPONSE-----')
}

function runCase(
  id: string,
  expected: string,
  file: DataFile | undefined,
  { validationTime, maxAgeSeconds }: CrlTests,
  profile: string,
): CaseResult {
  const started = performance.now()
  const elapsedMs = () => performance.now() - started
  if (file === undefined) return { id, expected, got: '', elapsedMs: 0, error: 'the file is missing' }
  try {
    const policy: RevocationPolicy = {
      mode: 'required',
      indirectCrls: profile !== 'webpki',
      ...(maxAgeSeconds !== undefined && { maximumAgeSeconds: maxAgeSeconds }),
    }
    const result = check(new TextDecoder().decode(file.read()), Date.parse(validationTime), policy)
    const got = result.status === 'undetermined' ? 'unknown' : result.status
    return { id, expected, got, reason: result.findings.map(({ code }) => code).join(', '), elapsedMs: elapsedMs() }
  } catch (error) {
    return { id, expected, got: '', elapsedMs: elapsedMs(), error: String(error) }
  }
}

function check(text: string, at: number, policy: RevocationPolicy): RevocationResult {
  const blocks = parsePem(text)
  const block = (label: string) => blocks.filter(candidate => candidate.label === label).map(({ der }) => der)
  const [target] = block('CERTIFICATE')
  const authorities = [...block('CA CERTIFICATE'), ...block('CA CERTIFICATE 2')].map(parseCertificate)
  const path = authorities.map(certificate => ({
    subject: certificate.subject,
    spki: certificate.subjectPublicKeyInfo.raw,
    certificate,
  }))
  const [issuer] = path
  if (target === undefined || issuer === undefined) throw new Error('no certificate or no issuer in the file')
  return checkRevocation({
    certificate: parseCertificate(target),
    issuer,
    path,
    context: {
      at,
      policy,
      evidence: prepareEvidence(block('CRL')),
      candidates: () => [],
      validateSigner: () => ({ valid: false, reason: 'the case offers no other certificate' }),
      verifySignature,
    },
  })
}
