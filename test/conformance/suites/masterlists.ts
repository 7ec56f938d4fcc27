import { createHash } from 'node:crypto'
import { verifySignedData } from '../../../layer/pki/src/cms/verify-signed-data.ts'
import { isPkiError } from '../../../layer/pki/src/errors.ts'
import { type MasterList, masterListCertificates, parseMasterList } from '../../../layer/pki/src/icao/master-list.ts'
import { createKeyCache } from '../../../layer/pki/src/signature/key-cache.ts'
import { verifySignature } from '../../../layer/pki/src/signature/verify.ts'
import { bytesEqual } from '../../../layer/pki/src/x509/bytes.ts'
import { type Certificate, parseCertificate } from '../../../layer/pki/src/x509/certificate.ts'
import { type DataFile, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

interface Expectations {
  lists?: ExpectedList[]
  deltas?: { from: string; to: string; added: number; removed: number }[]
}

interface ExpectedList {
  file: string
  bytes: number
  sha256: string
  /** As UTCTime. */
  signingTime: string
  certificates: number
  countries: number
  embeddedCertificates: unknown[]
  signatureDigestInfoOmitsNull: boolean
}

interface List {
  readonly name: string
  readonly bytes: Uint8Array
  readonly masterList: MasterList
  readonly certificates: readonly Certificate[]
  /** Those that cannot be parsed: SHA-256 and why. */
  readonly malformed: readonly { readonly fingerprint: string; readonly reason: string }[]
}

type Outcome = Pick<CaseResult, 'got' | 'reason' | 'error'>

const explicitCurves = { explicitCurves: true }
const countryName = '2.5.4.6'

/**
 * Signed CSCA master lists (`*.ml`, `*.mls`): each list parsed, its counts compared with `expected.json`, its CMS signature verified; every
 * certificate parsed, and its signature verified under its own key or, for a link certificate, that of another member of the lists. Lists are
 * read tolerantly; a case that needed it names what for.
 */
export async function* run({ data, only }: SuiteOptions): AsyncGenerator<CaseResult> {
  const wanted = (id: string) => only === undefined || only === id
  const files = openData(data)
  const expectationsFile = files.find(file => file.name === 'expected.json') ?? expectationsBeside(data)
  const expectations = expectationsFile === undefined ? {} : (readJson(expectationsFile) as Expectations)
  const lists: List[] = []
  for (const file of files.filter(({ name }) => /\.mls?$/i.test(name))) {
    const id = `${file.name}/parse`
    const started = performance.now()
    const list = readList(file)
    const outcome = 'error' in list ? list : { got: 'valid', reason: departuresOf(list) }
    if (wanted(id)) yield { id, expected: 'valid', ...outcome, elapsedMs: performance.now() - started }
    if (!('error' in list)) lists.push(list)
  }
  for (const list of lists) yield* timed(listCases(list, expectations).filter(([id]) => wanted(id)))
  for (const { from, to, added, removed } of expectations.deltas ?? []) {
    const judge = () => ({ got: difference(lists, from, to) })
    if (wanted(`${from}/${to}`)) yield* timed([[`${from}/${to}`, `${added} added, ${removed} removed`, judge]])
  }
  yield* timed(certificateCases(lists).filter(([id]) => wanted(id)))
}

/** Id, expectation, judgement. */
type Case = readonly [string, string, () => Outcome]

function* timed(cases: readonly Case[]): Generator<CaseResult> {
  for (const [id, expected, judge] of cases) {
    const started = performance.now()
    let outcome: Outcome
    try {
      outcome = judge()
    } catch (error) {
      outcome = { got: '', error: String(error) }
    }
    yield { id, expected, ...outcome, elapsedMs: performance.now() - started }
  }
}

function expectationsBeside(data: string): DataFile | undefined {
  try {
    return openData(`${data}/../expected.json`)[0]
  } catch {
    // Lists without expectations are parsed and verified all the same.
    return undefined
  }
}

function readList(file: DataFile): List | { got: string; error: string } {
  try {
    const bytes = file.read()
    const masterList = parseMasterList(bytes, { tolerant: true })
    const { certificates, malformed } = masterListCertificates(masterList)
    const refused = malformed.map(({ index, error }) => ({
      fingerprint: createHash('sha256')
        .update(masterList.certificates[index] as Uint8Array)
        .digest('hex'),
      reason: `${file.name}, number ${index}: ${error.message}`,
    }))
    return { name: file.name, bytes, masterList, certificates, malformed: refused }
  } catch (error) {
    return { got: '', error: String(error) }
  }
}

function departuresOf({ masterList: { signedData } }: List): string {
  return signedData.compatibility.join(', ')
}

function listCases(list: List, { lists = [] }: Expectations): Case[] {
  const expected = lists.find(candidate => candidate.file === list.name)
  const omitsNull = expected?.signatureDigestInfoOmitsNull
  const signature: Case = [`${list.name}/signature`, 'valid', () => verifyList(list, true)]
  if (expected === undefined) return [signature]
  return [
    signature,
    // A list that needs the compatibility must not pass without it, and one that does not must.
    [`${list.name}/signature-by-the-standard`, omitsNull === true ? 'invalid' : 'valid', () => verifyList(list, false)],
    [`${list.name}/counts`, countsOf(expected), () => ({ got: countsFound(list) })],
  ]
}

function verifyList({ masterList: { signedData } }: List, tolerant: boolean): Outcome {
  const policy = { ...explicitCurves, digestInfoWithoutNull: tolerant }
  const verdict = verifySignedData(signedData, { policy, tolerant })
  const codes = [...verdict.findings, ...verdict.signers.flatMap(signer => signer.findings)].map(
    finding => finding.code,
  )
  return { got: verdict.valid ? 'valid' : 'invalid', reason: codes.join(', ') || verdict.compatibility.join(', ') }
}

function countsOf(expected: ExpectedList): string {
  const { bytes, sha256, signingTime, certificates, countries, embeddedCertificates } = expected
  return JSON.stringify({ bytes, sha256, signingTime, certificates, countries, embedded: embeddedCertificates.length })
}

function countsFound({ bytes, masterList: { signedData }, certificates, malformed }: List): string {
  const policy = { ...explicitCurves, digestInfoWithoutNull: true }
  const [signer] = verifySignedData(signedData, { policy, tolerant: true }).signers
  const signingTime = signer?.signingTime === undefined ? '' : new Date(signer.signingTime).toISOString()
  // A subject without a country is counted as one of its own.
  const countries = new Set(
    certificates.map(({ subject }) => ifReadable(() => subject.values(countryName)[0]?.toUpperCase())),
  )
  return JSON.stringify({
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    signingTime: signingTime.replace(/^\d\d|[-T:]|\.\d+/g, ''),
    certificates: certificates.length + malformed.length,
    countries: countries.size,
    embedded: signedData.certificates.length,
  })
}

function difference(lists: readonly List[], from: string, to: string): string {
  const fingerprints = (name: string) =>
    new Set(lists.find(list => list.name === name)?.certificates.map(certificate => certificate.fingerprint))
  const [before, after] = [fingerprints(from), fingerprints(to)]
  const countMissing = (of: ReadonlySet<string>, from: ReadonlySet<string>) =>
    [...of].filter(one => !from.has(one)).length
  return `${countMissing(after, before)} added, ${countMissing(before, after)} removed`
}

/**
 * One case per distinct certificate. Where no member of the lists can be its issuer, there is nothing to verify it with: that it
 * can be parsed is the case then.
 */
function certificateCases(lists: readonly List[]): Case[] {
  const members = new Map<string, Certificate>()
  for (const list of lists) {
    for (const certificate of list.certificates) members.set(certificate.fingerprint, certificate)
    for (const der of list.masterList.signedData.certificates) {
      const certificate = ifReadable(() => parseCertificate(der))
      if (certificate !== undefined && !members.has(certificate.fingerprint))
        members.set(certificate.fingerprint, certificate)
    }
  }
  const refused = new Map(lists.flatMap(list => list.malformed).map(one => [one.fingerprint, one.reason]))
  const all = [...members.values()]
  const keyCache = createKeyCache(all.length + 1)
  const verifiesUnder = (certificate: Certificate, issuer: Certificate) =>
    verifySignature({
      algorithm: certificate.signatureAlgorithm,
      spki: issuer.subjectPublicKeyInfo.raw,
      data: certificate.tbs,
      signature: certificate.signature,
      policy: explicitCurves,
      keyCache,
    }).status === 'valid'
  const unreadable = [...refused].map(([fingerprint, reason]): Case => {
    return [`certificate/${fingerprint}`, 'valid', () => ({ got: 'invalid', reason })]
  })
  const readable = all.map((certificate): Case => {
    const judge = (): Outcome => {
      const likely = all.filter(issuer => mayIssue(issuer, certificate))
      const signed = [certificate, ...likely, ...all].some(issuer => verifiesUnder(certificate, issuer))
      if (!signed && likely.length > 0) return { got: 'invalid', reason: certificate.subject.toString() }
      return { got: 'valid' }
    }
    return [`certificate/${certificate.fingerprint}`, 'valid', judge]
  })
  return [...readable, ...unreadable]
}

/** Doc 9303-12 §7.1.1: the key identifiers decide where both are there and can be read, else the names. */
function mayIssue(issuer: Certificate, certificate: Certificate): boolean {
  const wanted = ifReadable(() => certificate.authorityKeyIdentifier?.keyIdentifier)
  const found = ifReadable(() => issuer.subjectKeyIdentifier)
  if (wanted !== undefined && found !== undefined) return bytesEqual(wanted, found)
  return ifReadable(() => issuer.subject.equals(certificate.issuer)) === true
}

/** A few certificates in circulation carry key identifiers that are no valid DER. Undefined for what cannot be read. */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isPkiError(error)) return undefined
    throw error
  }
}
