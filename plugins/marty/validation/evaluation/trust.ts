import { type Call, defined, MmfError } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import { permissions } from '../../access.ts'
import { purposesOfProfile } from '../../certificates/purposes.ts'
import { type AnchorCandidates, walkIssuers } from '../../trust/store/issuer-walk.ts'
import { revocationsOf } from '../../trust/store/revocations.ts'
import { trustStoreOf } from '../../trust/store/trust-store.ts'
import type { TrustRevocationRow } from '../../trust/tables/trust-revocations.ts'
import type { Refused } from '../inputs/input-list.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { readCertificates } from '../inputs/read-input.ts'
import type { ValidationContext } from '../operation.ts'
import type { SharedRequest } from '../schemas.ts'
import type { Settings } from '../settings.ts'

/** Where trust comes from in one call. */
export interface Trust {
  /** The generation of the store, or `request`. */
  readonly generation: number | 'request'
  /** What a path from a certificate may end at and lead over. */
  candidates(target: Certificate | undefined, intermediates: readonly Certificate[]): Promise<Candidates>
}

type Candidates = Pick<Inputs, 'anchors' | 'intermediates' | 'refused' | 'targetRefused'>

/**
 * Trust as the store has it, or had it at `asOf`; the anchors of the request instead, for principals with the permission. A verdict over such
 * anchors says so: its generation is `request`.
 * @throws {MmfError} `permission_missing`, `certificate_malformed`, `validation_failed`
 */
export async function trustOf(
  request: SharedRequest,
  settings: Settings,
  { context, call }: { context: ValidationContext; call: Call },
): Promise<Trust> {
  const { anchors, asOf } = request
  if (anchors === undefined) return storedTrust({ asOf }, settings, context, call)
  if (!context.access.hasPermission(call.principal, permissions.supplyTrustAnchors)) {
    throw new MmfError('permission_missing', {
      detail: `anchors in a request need the permission ${permissions.supplyTrustAnchors.name}`,
    })
  }
  const given = readCertificates(anchors, 'anchors')
  return {
    generation: 'request',
    candidates: async (_target, intermediates) => ({ anchors: given, intermediates, refused: [] }),
  }
}

export interface StoreView {
  /** The store as it was at this moment, RFC 3339; default as it is. */
  readonly asOf?: string | undefined
  /** Revocations from this moment or before count, milliseconds since 1970; default the moment that is judged. */
  readonly revokedBy?: number
}

/** One generation of the store. What it says about a name or a certificate is asked once per call. */
export async function storedTrust(
  { asOf, revokedBy }: StoreView,
  settings: Settings,
  context: ValidationContext,
  { signal }: Call,
): Promise<Trust> {
  const store = trustStoreOf(context, { signal })
  const generation = asOf === undefined ? await store.currentGeneration() : await store.generationAt(new Date(asOf))
  const bySubject = once(
    (name: Certificate['subject']) => Buffer.from(name.raw).toString('latin1'),
    name => store.bySubject(name, generation),
  )
  const revoked = knownRevocations(asOf, revokedBy ?? settings.at, context, signal)
  const purposes = purposesOfProfile[settings.profile]
  const time = new Date(settings.at)
  return {
    generation,
    async candidates(target, intermediates) {
      if (target === undefined) return { anchors: [], intermediates, refused: [] }
      const found = await walkIssuers({ target, intermediates, purposes, generation, time }, bySubject)
      return withoutRevoked(target, found, await revoked([target, ...found.intermediates, ...found.anchors]))
    },
  }
}

/** Takes out what an administrator has made known as revoked, so that no path leads over it. */
function withoutRevoked(
  target: Certificate,
  { anchors, intermediates, refused, targetRefused, generation }: AnchorCandidates,
  revoked: ReadonlyMap<string, TrustRevocationRow>,
): Candidates {
  const isGood = ({ fingerprint }: Certificate) => !revoked.has(fingerprint)
  const refusedAs = (certificate: Certificate): readonly Refused[] => {
    const row = revoked.get(certificate.fingerprint)
    if (row === undefined) return []
    const { subject, sha256 } = certificate.toJSON()
    const reason = `revoked since ${row.revokedAt}, ${row.reason}${row.comment === undefined ? '' : `: ${row.comment}`}`
    return [{ anchorId: sha256, refusal: 'revoked', reason, generation, subject }]
  }
  const [revokedTarget] = refusedAs(target)
  const held = targetRefused ?? revokedTarget
  return {
    anchors: anchors.filter(isGood),
    intermediates: intermediates.filter(isGood),
    refused: [...refused, ...[...anchors, ...intermediates].flatMap(refusedAs)],
    ...defined({ targetRefused: held }),
  }
}

/** When a key was compromised, the time since when is unknown: such a revocation counts for every moment. */
const compromises: readonly string[] = ['keyCompromise', 'cACompromise']

/** Asks for the revocations that count at the moment that is judged and were known at `asOf`. */
function knownRevocations(
  asOf: string | undefined,
  at: number,
  context: ValidationContext,
  signal: AbortSignal,
): (certificates: readonly Certificate[]) => Promise<ReadonlyMap<string, TrustRevocationRow>> {
  const asked = new Map<string, TrustRevocationRow | undefined>()
  const counts = ({ revokedAt, recordedAt, reason }: TrustRevocationRow) =>
    (asOf === undefined || Date.parse(recordedAt) <= Date.parse(asOf)) &&
    (Date.parse(revokedAt) <= at || compromises.includes(reason))
  return async certificates => {
    const all = [...new Set(certificates.map(({ fingerprint }) => fingerprint))]
    const unknown = all.filter(fingerprint => !asked.has(fingerprint))
    const found = unknown.length === 0 ? new Map() : await revocationsOf(context, unknown, { signal })
    for (const fingerprint of unknown) asked.set(fingerprint, found.get(fingerprint))
    const rows = all.map(fingerprint => [fingerprint, asked.get(fingerprint)] as const)
    return new Map(rows.flatMap(([fingerprint, row]) => (row !== undefined && counts(row) ? [[fingerprint, row]] : [])))
  }
}

/** Asks for the same thing once. */
function once<K, V>(keyOf: (input: K) => string, ask: (input: K) => Promise<V>): (input: K) => Promise<V> {
  const answers = new Map<string, Promise<V>>()
  return input => {
    const key = keyOf(input)
    const answer = answers.get(key) ?? ask(input)
    answers.set(key, answer)
    return answer
  }
}
