import { isPkiError } from '../../../layer/pki/src/errors.ts'
import { profileByName } from '../../../layer/pki/src/profiles/profiles.ts'
import type { Profile } from '../../../layer/pki/src/profiles/types.ts'
import { validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import { decodeBase64, parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, indexByName, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** One case: a certificate, its issuers, OCSP responses and the moment. Responses are base64. */
interface OcspTest {
  id: string
  ca: string
  others: string[]
  cert: string
  ocsp: string[]
  /** Year, month from 1, day, hour, minute, second; UTC. */
  moment: [number, number, number, number, number, number]
  expected: 'valid' | 'invalid'
}

/**
 * A case is valid if the path is, and each response that was sent is good evidence for a certificate of the path. So the cases mean it:
 * they come with responses for some certificates only, so that missing evidence is forgiven (soft-fail), but evidence that
 * is there and fails is not. Default profile `rfc5280`, with every compatibility it knows: the cases are of 2012.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  const files = openData(options.data)
  const byName = indexByName(files)
  const profile = profileByName(options.profile ?? 'rfc5280')
  for (const test of files.filter(isOcspTests).flatMap(file => (readJson(file) as { tests: OcspTest[] }).tests)) {
    if (options.only !== undefined && options.only !== test.id) continue
    const started = performance.now()
    const { id, expected } = test
    try {
      const { got, reason } = validate(test, byName, profile)
      yield { id, expected, got, reason, elapsedMs: performance.now() - started }
    } catch (error) {
      yield { id, expected, got: '', elapsedMs: performance.now() - started, error: describe(error) }
    }
  }
}

function isOcspTests(file: DataFile): boolean {
  if (!file.name.endsWith('.json')) return false
  const { tests } = readJson(file) as { tests?: unknown }
  return Array.isArray(tests) && tests.every(test => typeof test === 'object' && test !== null && 'ocsp' in test)
}

function validate(
  test: OcspTest,
  files: ReadonlyMap<string, DataFile>,
  { name, compatibilities }: Profile,
): { got: string; reason: string } {
  const text = (file: string) => {
    const data = files.get(file)
    if (data === undefined) throw new Error(`${file} is missing`)
    return new TextDecoder().decode(data.read())
  }
  const certificate = (file: string) => {
    const [block] = parsePem(text(file))
    if (block === undefined) throw new Error(`${file} holds no PEM block`)
    return block.der
  }
  const [year, month, ...rest] = test.moment
  const verdict = validateCertificate({
    target: certificate(test.cert),
    intermediates: test.others.map(certificate),
    anchors: [certificate(test.ca)],
    profile: name,
    compatibilities,
    time: Date.UTC(year, month - 1, ...rest),
    revocation: 'soft-fail',
    ocspResponses: test.ocsp.map(file => decodeBase64(text(file).replace(/\s+/g, ''))),
  })
  const used = new Set(verdict.revocation.filter(({ status }) => status === 'good').map(({ index }) => index))
  const allUsed = test.ocsp.every((_, index) => used.has(index))
  const reason = [...new Set(verdict.findings.map(({ code }) => code))].join(', ')
  return { got: verdict.valid && allUsed ? 'valid' : 'invalid', reason }
}

function describe(error: unknown): string {
  return isPkiError(error) ? `${error.code}: ${error.message}` : String(error)
}
