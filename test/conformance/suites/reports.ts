import { isPkiError } from '../../../layer/pki/src/errors.ts'
import type { ProfileName } from '../../../layer/pki/src/profiles/types.ts'
import { validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import type { ValidationInput } from '../../../layer/pki/src/verdict/validation-input.ts'
import { parsePem } from '../../../layer/pki/src/x509/pem.ts'
import { type DataFile, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** One case after a public report. Every text is PEM, `time` is RFC 3339, `settings` are fields of the validation input. */
interface ReportCase {
  id: string
  expected: 'valid' | 'invalid'
  profile: ProfileName
  time: string
  settings: Partial<ValidationInput>
  target: string
  intermediates: string[]
  anchors: string[]
  crls: string[]
  ocspResponses: string[]
}

/** Cases that were written after bug reports against other validators. A profile that is given takes the place of the case's own. */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  for (const test of openData(options.data).filter(isReports).flatMap(testsOf)) {
    if (options.only !== undefined && options.only !== test.id) continue
    yield runCase(test, (options.profile ?? test.profile) as ProfileName)
  }
}

function testsOf(file: DataFile): ReportCase[] {
  return (readJson(file) as { tests: ReportCase[] }).tests
}

function isReports(file: DataFile): boolean {
  if (!file.name.endsWith('.json')) return false
  const { tests } = readJson(file) as { tests?: unknown }
  return Array.isArray(tests) && tests.every(test => typeof test === 'object' && test !== null && 'settings' in test)
}

function runCase(test: ReportCase, profile: ProfileName): CaseResult {
  const { id, expected } = test
  const started = performance.now()
  try {
    const verdict = validateCertificate({
      ...test.settings,
      profile,
      time: new Date(test.time),
      target: blocks([test.target])[0] ?? missing('target'),
      intermediates: blocks(test.intermediates),
      anchors: blocks(test.anchors),
      crls: blocks(test.crls),
      ocspResponses: blocks(test.ocspResponses),
    })
    const reason = verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(', ')
    return { id, expected, got: verdict.valid ? 'valid' : 'invalid', reason, elapsedMs: performance.now() - started }
  } catch (error) {
    const text = isPkiError(error) ? `${error.code}: ${error.message}` : String(error)
    return { id, expected, got: '', elapsedMs: performance.now() - started, error: text }
  }
}

function blocks(texts: readonly string[] = []): readonly Uint8Array[] {
  return texts.flatMap(text => parsePem(text).map(({ der }) => der))
}

function missing(what: string): never {
  throw new Error(`the case has no ${what}`)
}
