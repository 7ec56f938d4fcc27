import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isPkiError } from '../../../layer/pki/src/errors.ts'
import { profileByName } from '../../../layer/pki/src/profiles/profiles.ts'
import type { ProfileName } from '../../../layer/pki/src/profiles/types.ts'
import { checkRevocation } from '../../../layer/pki/src/revocation/check.ts'
import { prepareEvidence } from '../../../layer/pki/src/revocation/evidence.ts'
import { buildOcspRequest } from '../../../layer/pki/src/revocation/ocsp-request.ts'
import type { RevocationPolicy } from '../../../layer/pki/src/revocation/types.ts'
import { verifySignature } from '../../../layer/pki/src/signature/verify.ts'
import { validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import { bytesEqual } from '../../../layer/pki/src/x509/bytes.ts'
import { type Certificate, parseCertificate } from '../../../layer/pki/src/x509/certificate.ts'
import { parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, indexByName, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

type Status = 'good' | 'revoked' | 'unknown'

/** What is expected of each file, and by which clock. */
interface OcspTable {
  readonly validationTime: number
  readonly maximumAgeSeconds: number | undefined
  readonly tests: readonly { readonly file: string; readonly expectedStatus: Status }[]
}

/**
 * Is a certificate good, revoked or unknown by one OCSP response? Reads the files of google/boringssl `pki/testdata/ocsp_unittest`: PEM blocks OCSP
 * RESPONSE, CA CERTIFICATE, CERTIFICATE and OCSP REQUEST. The expectations stand in a JSON table beside them, of the form that suite
 * `crl` has, or in the C++ table of upstream, `ocsp_unittest.cc`, below the data or where upstream has it, two folders above.
 * The CA counts as a path that is valid already; the path of a delegated responder is validated under the profile, default `rfc5280`.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  const files = openData(options.data)
  const byName = indexByName(files)
  const profile = profileByName(options.profile ?? 'rfc5280').name
  const tables = [...jsonTables(files, byName), ...upstreamTables(files, options.data)]
  if (tables.length === 0) throw new Error('no table of expectations: neither a JSON table nor ocsp_unittest.cc')
  const seen = new Set<string>()
  for (const table of tables) {
    for (const { file, expectedStatus } of table.tests) {
      if (seen.has(file) || (options.only !== undefined && options.only !== file)) continue
      seen.add(file)
      yield runCase(file, expectedStatus, byName.get(file), table, profile)
    }
  }
}

/** Tables of the form `{ validationTime, maxAgeSeconds, tests: [{ file, expectedStatus }] }` whose files hold OCSP responses. */
function jsonTables(files: readonly DataFile[], byName: ReadonlyMap<string, DataFile>): readonly OcspTable[] {
  return files.flatMap(file => {
    if (!file.name.endsWith('.json')) return []
    const { validationTime, maxAgeSeconds, tests } = readJson(file) as {
      validationTime?: string
      maxAgeSeconds?: number
      tests?: OcspTable['tests']
    }
    const isTable = Array.isArray(tests) && tests.every(test => test?.file !== undefined && 'expectedStatus' in test)
    if (!isTable || !tests.some(test => isOcspCase(byName.get(test.file)))) return []
    if (validationTime === undefined) throw new Error(`${file.path}: no validationTime`)
    return [{ validationTime: Date.parse(validationTime), maximumAgeSeconds: maxAgeSeconds, tests }]
  })
}

function isOcspCase(file: DataFile | undefined): boolean {
  return file !== undefined && textOf(file).includes('-----BEGIN OCSP RESPONSE-----')
}

function upstreamTables(files: readonly DataFile[], data: string): readonly OcspTable[] {
  const name = 'ocsp_unittest.cc'
  const above = join(data, '..', '..', name)
  const found = files.filter(file => file.name === name)
  const sources = found.length === 0 && existsSync(above) ? openData(above) : found
  return sources.map(source => parseUpstreamTable(textOf(source)))
}

/** The rows of the test table, the moment of verification and the greatest age, as ocsp_unittest.cc has them. */
export function parseUpstreamTable(source: string): OcspTable {
  const time = /kVerifyTime\s*=\s*(\d+)/.exec(source)?.[1]
  if (time === undefined) throw new Error('ocsp_unittest.cc: no kVerifyTime')
  const age = /kOCSPAge\w*\s*=\s*([\d\s*]+);/.exec(source)?.[1]
  const row = /\{\s*"([^"]+)"\s*,\s*OCSPRevocationStatus::(GOOD|REVOKED|UNKNOWN)\b/g
  return {
    validationTime: Number(time) * 1000,
    maximumAgeSeconds: age?.split('*').reduce((product, factor) => product * Number(factor), 1),
    tests: [...source.matchAll(row)].map(([, file = '', status = '']) => ({
      file,
      expectedStatus: status.toLowerCase() as Status,
    })),
  }
}

function runCase(
  id: string,
  expected: Status,
  file: DataFile | undefined,
  table: OcspTable,
  profile: ProfileName,
): CaseResult {
  const started = performance.now()
  const outcome = { id, expected, got: '' }
  const elapsed = () => ({ elapsedMs: performance.now() - started })
  if (file === undefined) return { ...outcome, error: 'the file is missing', ...elapsed() }
  try {
    return { ...outcome, ...statusOf(textOf(file), table, profile), ...elapsed() }
  } catch (error) {
    // A certificate that is no DER gets no answer of any kind: the expectation belongs to a reader that lets it pass.
    if (isPkiError(error, 'certificate_malformed')) {
      return { ...outcome, skipped: `the certificate itself is refused: ${error.message}`, ...elapsed() }
    }
    return { ...outcome, error: String(error), ...elapsed() }
  }
}

function statusOf(text: string, table: OcspTable, profile: ProfileName): { got: string; reason: string } {
  const blocks = parsePem(text)
  const block = (label: string) => blocks.find(candidate => candidate.label === label)?.der
  const [response, target, ca, request] = ['OCSP RESPONSE', 'CERTIFICATE', 'CA CERTIFICATE', 'OCSP REQUEST'].map(block)
  if (response === undefined || target === undefined || ca === undefined) throw new Error('a PEM block is missing')
  const [certificate, authority] = [parseCertificate(target), parseCertificate(ca)]
  const result = check(certificate, authority, response, table, profile)
  const status = result.status === 'undetermined' ? 'unknown' : result.status
  const isRequestRight =
    request === undefined || bytesEqual(buildOcspRequest({ certificate, issuer: authority }), request)
  const reason = result.findings.map(({ code }) => code).join(', ')
  return { got: isRequestRight ? status : 'another request', reason }
}

function check(
  certificate: Certificate,
  authority: Certificate,
  response: Uint8Array,
  { validationTime: at, maximumAgeSeconds }: OcspTable,
  profile: ProfileName,
) {
  const policy: RevocationPolicy = { mode: 'required', ...(maximumAgeSeconds !== undefined && { maximumAgeSeconds }) }
  const spki = authority.subjectPublicKeyInfo.raw
  const issuer = { subject: authority.subject, spki, certificate: authority }
  return checkRevocation({
    certificate,
    issuer,
    path: [issuer],
    context: {
      at,
      policy,
      evidence: prepareEvidence([], [response]),
      candidates: () => [],
      validateSigner(target, _purpose, time = at) {
        const anchors = [{ name: authority.subject.raw, publicKey: spki }]
        const { valid, findings } = validateCertificate({ target, anchors, profile, time })
        if (valid) return { valid, spki: target.subjectPublicKeyInfo.raw }
        return { valid, reason: findings.map(({ code }) => code).join(', ') }
      },
      verifySignature,
    },
  })
}

function textOf(file: DataFile): string {
  return new TextDecoder().decode(file.read())
}
