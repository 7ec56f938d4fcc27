import type { ProfileName } from '../../../layer/pki/src/profiles/types.ts'
import { createKeyCache } from '../../../layer/pki/src/signature/key-cache.ts'
import { validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import { type DataFile, indexByName, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

/** One vector: a PKITS test, or one of its subparts, with the four initial settings of RFC 5280 §6.1.1. */
interface PkitsTest {
  id: string
  sectionName: string
  title: string
  trustAnchor: string
  chain: string[]
  crls: string[]
  validationTime: string
  initialPolicySet: string[]
  initialExplicitPolicy: boolean
  initialPolicyMappingInhibit: boolean
  initialAnyPolicyInhibit: boolean
  expected: 'valid' | 'invalid'
  expectedUserConstrainedPolicySet?: string[]
}

const anyPolicyOid = '2.5.29.32.0'

/**
 * NIST PKITS: builds the path itself from the test's certificates in reverse order, with revocation required unless
 * the data has no CRLs at all. A valid test must also give the
 * user-constrained-policy-set that is expected of it. Default profile `rfc5280`.
 */
export async function* run(options: SuiteOptions): AsyncIterable<CaseResult> {
  const files = openData(options.data)
  const byName = indexByName(files)
  const profile = (options.profile ?? 'rfc5280') as ProfileName
  const keyCache = createKeyCache()
  for (const list of files.filter(isTestList)) {
    for (const test of (readJson(list) as { tests: PkitsTest[] }).tests) {
      if (options.only !== undefined && options.only !== test.id) continue
      yield runTest(test, byName, profile, keyCache)
    }
  }
}

function isTestList(file: DataFile): boolean {
  if (!file.name.endsWith('.json')) return false
  const { tests } = readJson(file) as { tests?: unknown }
  return Array.isArray(tests) && tests.every(test => typeof test === 'object' && test !== null && 'trustAnchor' in test)
}

function runTest(
  test: PkitsTest,
  files: ReadonlyMap<string, DataFile>,
  profile: ProfileName,
  keyCache: ReturnType<typeof createKeyCache>,
): CaseResult {
  const { id, expected } = test
  const certificates = [test.trustAnchor, ...test.chain].map(name => findCertificate(name, files))
  const crls = findCrls(test, files)
  const pathOnly = crls === undefined && isAboutPathOnly(test, files)
  if ((crls === undefined && !pathOnly) || certificates.includes(undefined)) {
    return { id, expected, got: '', elapsedMs: 0, skipped: 'files of the vector are not in the data' }
  }
  const [anchor, ...chain] = certificates.flatMap(file => file?.read() ?? [])
  const target = chain.pop()
  if (anchor === undefined || target === undefined) {
    return { id, expected, got: '', elapsedMs: 0, error: 'a vector without a chain' }
  }
  const started = performance.now()
  const verdict = validateCertificate({
    target,
    // The shuffled order shows that the path is built and not read off.
    intermediates: chain.toReversed(),
    anchors: [anchor],
    crls: crls?.map(file => file.read()) ?? [],
    revocation: pathOnly ? 'off' : 'required',
    profile,
    time: new Date(test.validationTime),
    policies: {
      initialPolicySet: test.initialPolicySet,
      requireExplicitPolicy: test.initialExplicitPolicy,
      inhibitPolicyMapping: test.initialPolicyMappingInhibit,
      inhibitAnyPolicy: test.initialAnyPolicyInhibit,
    },
    keyCache,
  })
  const elapsedMs = performance.now() - started
  const reason = verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(', ')
  const wrongPolicies = verdict.valid && expected === 'valid' ? policyDifference(test, verdict.policies) : undefined
  if (wrongPolicies !== undefined) return { id, expected, got: 'other policies', reason: wrongPolicies, elapsedMs }
  return { id, expected, got: verdict.valid ? 'valid' : 'invalid', reason, elapsedMs }
}

/** anyPolicy in the verdict stands for each of the user's policies. */
function policyDifference(test: PkitsTest, policies: readonly string[]): string | undefined {
  const wanted = test.expectedUserConstrainedPolicySet
  if (wanted === undefined) return undefined
  const same = wanted.length === policies.length && wanted.every(policy => policies.includes(policy))
  const any =
    policies.includes(anyPolicyOid) && test.initialPolicySet.includes(anyPolicyOid) && wanted.includes(anyPolicyOid)
  return same || any ? undefined : `policies ${policies.join(' ')} instead of ${wanted.join(' ')}`
}

/** Re-issues of the suite keep the base name and end it in `.der`. */
function findCertificate(name: string, files: ReadonlyMap<string, DataFile>): DataFile | undefined {
  return files.get(name) ?? files.get(name.replace(/\.crt$/, '.der'))
}

/** Sections whose verdicts CRLs decide: revocation, and self-issued certificates for the keys of CRLs. */
const decidedByCrls: ReadonlySet<string> = new Set([
  'Basic Certificate Revocation Tests',
  'Verifying Paths with Self-Issued Certificates',
  'Distribution Points',
  'Delta-CRLs',
])

/** What a re-issue signs well though the vector wants it signed badly. */
const badlySigned = /\bCRL Signature\b/

/**
 * The CRLs of a vector by name. A re-issue with one CRL per authority names it after the authority's certificate; it is taken where the vector
 * asks for just as many.
 */
function findCrls(test: PkitsTest, files: ReadonlyMap<string, DataFile>): readonly DataFile[] | undefined {
  if (test.crls.length === 0) return undefined
  const exact = test.crls.map(name => files.get(name))
  if (exact.every(file => file !== undefined)) return exact
  const authorities = [test.trustAnchor, ...test.chain]
    .map(name => files.get(name.replace(/\.crt$/, '.crl')))
    .filter(file => file !== undefined)
  return authorities.length === test.crls.length && !badlySigned.test(test.title) ? authorities : undefined
}

/** A re-issue of the certificates alone still has its paths to judge, where no CRL decides. */
function isAboutPathOnly({ sectionName, title, crls }: PkitsTest, files: ReadonlyMap<string, DataFile>): boolean {
  if (crls.length === 0) return true
  if ([...files.keys()].some(name => name.endsWith('.crl'))) return false
  return !decidedByCrls.has(sectionName) && !/crl/i.test(title)
}
