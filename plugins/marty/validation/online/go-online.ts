import type { Call } from '@mmf/framework'
import { type Certificate, type CertificateList, type OcspResponse, prepareEvidence } from '@mmf/pki'
import { inputsFor } from '../evaluation/candidates.ts'
import type { Candidate, Evaluated, EvidenceStage, Help } from '../evaluation/evaluate.ts'
import type { Trust } from '../evaluation/trust.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { inputListOf } from '../inputs/list-inputs.ts'
import { nameKey } from '../inputs/name-key.ts'
import type { FetchNote } from '../inputs/note.ts'
import type { ValidationContext } from '../operation.ts'
import type { Settings } from '../settings.ts'
import { ocspAddresses } from './addresses.ts'
import { createFetcher, type Fetched, type Fetcher } from './fetcher.ts'
import { settle } from './settle.ts'

/** Issuers above each other that are fetched for one certificate. */
const maxLevels = 8

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
  readonly trust: Trust
  readonly settings: Settings
}

/** What certificates name addresses of, for one call. */
export interface Online extends Help {
  /** Remembers which contents have decided a verdict: their signatures held, so they need not be asked for again before their end. */
  settle(evaluated: readonly Evaluated[]): Promise<void>
}

export function goOnline({ context, call, trust, settings }: Environment): Online {
  const fetcher = createFetcher(context, call)
  const share = sharing()
  return {
    withIssuers: candidate => withIssuers(candidate, fetcher, trust, share),
    async withEvidence(path, stage) {
      const found = settings.revocation === 'off' ? nothing : await evidenceFor(path, stage, fetcher)
      if (found.notes.length === 0) return undefined
      return { target: path.target, inputs: share(await withFound(path, found, trust)) }
    },
    // Contents count as proven for all callers only by the anchors of the trust store.
    settle: evaluated => settle(context, fetcher.seen(), trust.generation === 'request' ? [] : evaluated, call),
  }
}

interface Found {
  readonly issuers: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  readonly ocspResponses: readonly OcspResponse[]
  readonly notes: readonly FetchNote[]
}

const nothing: Found = { issuers: [], crls: [], ocspResponses: [], notes: [] }

/** Walks up from the certificate as long as an issuer is missing that can be fetched. Nothing is believed of what comes. */
async function withIssuers(
  { target, inputs: given }: Candidate,
  fetcher: Fetcher,
  trust: Trust,
  share: (inputs: Inputs) => Inputs,
): Promise<Candidate | undefined> {
  if (target instanceof Uint8Array) return undefined
  let inputs = given
  for (let level = 0; level < maxLevels; level += 1) {
    const orphans = withoutIssuer(target, inputs)
    const { items, notes } = joined(await Promise.all(orphans.map(orphan => fetcher.issuersOf(orphan))))
    const known = new Set([...inputs.intermediates, ...inputs.withheld].map(({ fingerprint }) => fingerprint))
    const fresh = items.filter(({ fingerprint }) => !known.has(fingerprint))
    if (notes.length === 0) break
    const fetched = mergedNotes(inputs.fetched, notes)
    inputs = relisted({ ...(await inputsWith(target, inputs, fresh, trust)), fetched })
    if (fresh.length === 0) break
  }
  return inputs === given ? undefined : { target, inputs: share(inputs) }
}

/** Certificates on the way up from the target whose issuer's name no known certificate has. */
function withoutIssuer(target: Certificate, { intermediates, anchors }: Inputs): readonly Certificate[] {
  const byName = Map.groupBy([...intermediates, ...anchors], ({ subject }) => nameKey(subject))
  const ends = new Set(anchors)
  const seen = new Set<Certificate>([target])
  const orphans: Certificate[] = []
  for (const certificate of seen) {
    if (ends.has(certificate) || nameKey(certificate.subject) === nameKey(certificate.issuer)) continue
    const issuers = byName.get(nameKey(certificate.issuer)) ?? []
    if (issuers.length === 0) orphans.push(certificate)
    for (const issuer of issuers) seen.add(issuer)
  }
  return orphans
}

async function evidenceFor({ verdict, inputs }: Evaluated, stage: EvidenceStage, fetcher: Fetcher): Promise<Found> {
  const anchor = inputs.anchors.find(({ fingerprint }) => fingerprint === verdict.anchor?.sha256)
  const signed = [...verdict.path, ...(anchor === undefined ? [] : [anchor])]
  const [answered, listed] = partition(verdict.path, certificate => ocspAddresses(certificate).length > 0)
  if (stage === 'rest') {
    // Who answers for a CA has a certificate of its own, which may be revoked (RFC 6960 §4.2.2.2.1).
    const responders = inputs.ocspResponses.flatMap(({ basic }) => basic?.certificates ?? [])
    return listsFor([...answered, ...responders], [...signed, ...inputs.intermediates], fetcher)
  }
  const asked = answered.map(certificate => {
    const issuer = signed[verdict.path.indexOf(certificate) + 1]
    return issuer === undefined ? { items: [], notes: [] } : fetcher.ocspFor(certificate, issuer)
  })
  const [responses, lists] = await Promise.all([
    Promise.all(asked).then(joined),
    listsFor(listed, [...signed, ...inputs.intermediates], fetcher),
  ])
  return { ...lists, ocspResponses: responses.items, notes: [...responses.notes, ...lists.notes] }
}

/** The lists for some certificates, the deltas to these, and the certificates of their signers where these are unknown. */
async function listsFor(
  certificates: readonly Certificate[],
  known: readonly Certificate[],
  fetcher: Fetcher,
): Promise<Found> {
  const lists = joined(await Promise.all(certificates.map(one => fetcher.crlsFor(one))))
  const deltas = joined(await Promise.all(lists.items.map(list => fetcher.crlsFor(list))))
  const names = new Set(known.map(({ subject }) => nameKey(subject)))
  const foreign = lists.items.filter(({ issuer }) => !names.has(nameKey(issuer)))
  const issuers = joined(await Promise.all(foreign.map(list => fetcher.issuersOf(list))))
  return {
    ...nothing,
    issuers: issuers.items,
    crls: [...lists.items, ...deltas.items],
    notes: [...lists.notes, ...deltas.notes, ...issuers.notes],
  }
}

function partition<T>(items: readonly T[], matches: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(matches), items.filter(item => !matches(item))]
}

async function withFound({ target, inputs }: Candidate, found: Found, trust: Trust): Promise<Inputs> {
  const crls = distinct([...inputs.crls, ...found.crls])
  const ocspResponses = distinct([...inputs.ocspResponses, ...found.ocspResponses])
  const evidence = { crls, ocspResponses, evidence: prepareEvidence(crls, ocspResponses) }
  // The trust store is asked about every certificate that is to help, whatever it helps with.
  const next = found.issuers.length === 0 ? inputs : await inputsWith(target, inputs, found.issuers, trust)
  return relisted({ ...next, ...evidence, fetched: mergedNotes(inputs.fetched, found.notes) })
}

/** The inputs with further certificates, those that the trust store lets through. */
function inputsWith(
  target: Candidate['target'],
  inputs: Inputs,
  more: readonly Certificate[],
  trust: Trust,
): Promise<Inputs> {
  const intermediates = distinct([...inputs.intermediates, ...inputs.withheld, ...more])
  return inputsFor({ target, others: [] }, { ...inputs, intermediates }, trust)
}

const relisted = (inputs: Inputs): Inputs => ({ ...inputs, list: inputListOf(inputs) })

/** Certificates that came to the same inputs share one object, so that what is derived from them is derived once. */
function sharing(): (inputs: Inputs) => Inputs {
  const known = new Map<string, Inputs>()
  return inputs => {
    const key = JSON.stringify(inputs.list)
    const same = known.get(key) ?? inputs
    known.set(key, same)
    return same
  }
}

function joined<T>(several: readonly Fetched<T>[]): Fetched<T> {
  return { items: several.flatMap(({ items }) => items), notes: several.flatMap(({ notes }) => notes) }
}

/** One note for each address. */
function mergedNotes(before: readonly FetchNote[] = [], more: readonly FetchNote[]): readonly FetchNote[] {
  return [...new Map([...before, ...more].map(note => [`${note.kind} ${note.url}`, note])).values()]
}

function distinct<T extends { readonly fingerprint: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map(item => [item.fingerprint, item])).values()]
}
