import { defined } from '@mmf/framework'
import type { Certificate, Name } from '@mmf/pki'
import type { TrustPurpose } from '../../certificates/purposes.ts'
import { keyHashOf, subjectKey } from './certificate-facts.ts'
import { purposesOf, type TrustEntry } from './trust-entry.ts'

export interface AnchorQuery {
  readonly target: Certificate
  /** Certificates of the request that may lead to an anchor. Default none. */
  readonly intermediates?: readonly Certificate[]
  /** One of these is enough; see `purposesOfProfile`. */
  readonly purposes: readonly TrustPurpose[]
  readonly generation: number
  /** The moment of validation: it must lie in the window that the store gives an anchor. */
  readonly time: Date
}

/** Why a certificate of the store is not offered for a path. */
export const refusals = [
  'distrusted',
  'ended',
  'outside_window',
  'other_purpose',
  'quarantined',
  'key_distrusted',
] as const
type Refusal = (typeof refusals)[number]

interface RefusedEntry {
  /** SHA-256 of the certificate. */
  readonly anchorId: string
  readonly refusal: Refusal
  /** What the administrator said, or the store's own words. */
  readonly reason: string
  /** The generation that this standing came with. */
  readonly generation: number
  readonly subject: string
}

/** Everything the store can say about the ways from a certificate to an anchor. */
export interface AnchorCandidates {
  readonly generation: number
  /** Trusted for one of the purposes, at that generation and moment. */
  readonly anchors: readonly Certificate[]
  /** Those of the request but for entities that are distrusted, and the store's link certificates on the way. Nothing is believed of them. */
  readonly intermediates: readonly Certificate[]
  /** What stood on a way and must not be used: the reasons behind a verdict without a path. */
  readonly refused: readonly RefusedEntry[]
  /** There where the target itself is distrusted, or has the name and key of a certificate that is. No verdict on it should be valid. */
  readonly targetRefused?: RefusedEntry
}

/** No honest path is longer; what lies behind that many names is not looked at. */
const maxNames = 32

/**
 * Walks from the target's issuer up, name by name, over the certificates of the request and the link certificates of the store. What is
 * distrusted is distrusted as an entity, name and key: else a link certificate would bring a compromised key back.
 */
export async function walkIssuers(
  query: AnchorQuery,
  bySubject: (name: Name, generation: number) => Promise<readonly TrustEntry[]>,
): Promise<AnchorCandidates> {
  const { target, intermediates = [], generation } = query
  const anchors = new Map<string, Certificate>()
  const links = new Map<string, Certificate>()
  const refused = new Map<string, RefusedEntry>()
  const distrusted = new Map<string, RefusedEntry>()
  const seen = new Set<string>()
  const given = new Map<string, Certificate[]>()
  for (const certificate of intermediates) {
    const name = subjectKey(certificate.subject)?.subjectHash
    if (name !== undefined) given.set(name, [...(given.get(name) ?? []), certificate])
  }

  async function entriesOf(name: Name): Promise<readonly TrustEntry[]> {
    const entries = await bySubject(name, generation)
    for (const entry of entries) {
      if (entry.row.status === 'distrusted') distrusted.set(entityOfRow(entry), refusedEntry(entry, 'distrusted'))
    }
    return entries
  }

  await entriesOf(target.subject)
  const queue: Name[] = [target.issuer]
  while (seen.size < maxNames) {
    const name = queue.shift()
    if (name === undefined) break
    const hash = subjectKey(name)?.subjectHash
    if (hash === undefined || seen.has(hash)) continue
    seen.add(hash)
    const entries = await entriesOf(name)
    for (const entry of entries) {
      const refusal = refusalOf(entry, query, distrusted)
      const { certificate, row } = entry
      if (refusal !== undefined) refused.set(row.fingerprint, refusal)
      if (refusal !== undefined || certificate === undefined) continue
      if (row.kind === 'anchor') anchors.set(row.fingerprint, certificate)
      else {
        links.set(row.fingerprint, certificate)
        queue.push(certificate.issuer)
      }
    }
    for (const certificate of given.get(hash) ?? []) {
      const refusal = distrusted.get(entityOf(certificate))
      if (refusal !== undefined) refused.set(certificate.fingerprint, byKey(certificate, refusal))
      else queue.push(certificate.issuer)
    }
  }
  // Where the walk was cut short, what it has not looked at may be distrusted.
  const cutShort = queue.length > 0
  const mayHelp = (certificate: Certificate) =>
    !distrusted.has(entityOf(certificate)) &&
    (!cutShort || seen.has(subjectKey(certificate.subject)?.subjectHash ?? ''))
  const targetRefused = distrusted.get(entityOf(target))
  const brought = intermediates.filter(mayHelp)
  for (const { fingerprint } of brought) links.delete(fingerprint)
  return {
    generation,
    anchors: [...anchors.values()],
    intermediates: [...brought, ...links.values()],
    refused: [...refused.values()],
    ...defined({ targetRefused }),
  }
}

function refusalOf(
  entry: TrustEntry,
  { purposes, time }: AnchorQuery,
  distrusted: ReadonlyMap<string, RefusedEntry>,
): RefusedEntry | undefined {
  const { row } = entry
  if (row.status !== 'trusted') return refusedEntry(entry, row.status)
  if (row.kind === 'quarantined') return refusedEntry(entry, 'quarantined')
  const sameKey = distrusted.get(entityOfRow(entry))
  if (sameKey !== undefined)
    return refusedEntry(
      entry,
      'key_distrusted',
      `its name and key are those of ${sameKey.anchorId}, which is distrusted: ${sameKey.reason}`,
    )
  if (row.kind === 'link') return undefined
  // The validity of the certificate itself is the validation's business, which names it in the verdict.
  const { validFrom, validTo } = row
  const tooEarly = validFrom !== undefined && time.getTime() < Date.parse(validFrom)
  const tooLate = validTo !== undefined && time.getTime() > Date.parse(validTo)
  if (tooEarly || tooLate) {
    return refusedEntry(entry, 'outside_window', `trusted from ${validFrom ?? 'ever'} to ${validTo ?? 'ever'}`)
  }
  const own = purposesOf(row)
  if (!purposes.some(purpose => own.includes(purpose)))
    return refusedEntry(entry, 'other_purpose', `trusted for ${own.join(', ')}`)
  return undefined
}

function refusedEntry(
  { row, names }: TrustEntry,
  refusal: Refusal,
  reason = row.reason ?? defaultReasons[refusal],
): RefusedEntry {
  return { anchorId: row.fingerprint, refusal, reason, generation: row.generation, subject: names.subject }
}

const defaultReasons: Readonly<Record<Refusal, string>> = {
  distrusted: 'distrusted by an administrator',
  ended: 'no source vouches for it any more',
  outside_window: 'outside the window of its trust',
  other_purpose: 'trusted for something else',
  quarantined: 'it does not conform',
  key_distrusted: 'its key is distrusted',
}

function byKey(certificate: Certificate, { anchorId, reason, generation }: RefusedEntry): RefusedEntry {
  return {
    anchorId: certificate.fingerprint,
    refusal: 'key_distrusted',
    reason: `its name and key are those of ${anchorId}, which is distrusted: ${reason}`,
    generation,
    subject: certificate.toJSON().subject,
  }
}

const entityOfRow = ({ row }: TrustEntry) => `${row.subjectHash}.${row.keyHash}`
const entityOf = (certificate: Certificate) =>
  `${subjectKey(certificate.subject)?.subjectHash ?? ''}.${keyHashOf(certificate)}`
