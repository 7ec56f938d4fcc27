import { type Call, MmfError } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import { type AnchorCandidates, walkIssuers } from '../../trust/issuer-walk.ts'
import { purposesOfProfile } from '../../trust/purposes.ts'
import { type TrustEntry, trustStoreOf } from '../../trust/trust-store.ts'
import type { ValidationContext } from './operation.ts'
import { readCertificates } from './read-input.ts'
import type { SharedRequest } from './schemas.ts'
import type { Settings } from './settings.ts'

/** Where trust comes from in one call. */
export interface Trust {
  /** The generation of the store, or `request`. */
  readonly generation: number | 'request'
  /** What a path from a certificate may end at and lead over. */
  candidates(
    target: Certificate | undefined,
    intermediates: readonly Certificate[],
  ): Promise<Omit<AnchorCandidates, 'generation'>>
}

/** Who may say in a request what is trusted. A verdict over such anchors says so: its generation is `request`. */
export const supplyTrustAnchors = 'supply_trust_anchors'

/**
 * Trust as the store has it, or had it at `asOf`; the anchors of the request instead, for who may bring them.
 * @throws {MmfError} `permission_missing`, `certificate_malformed`, `validation_failed`
 */
export async function trustOf(
  request: SharedRequest,
  settings: Settings,
  { context, call }: { context: ValidationContext; call: Call },
): Promise<Trust> {
  const { anchors, asOf } = request
  if (anchors === undefined) return storedTrust(asOf, settings, context, call)
  if (call.principal?.permissions.includes(supplyTrustAnchors) !== true) {
    throw new MmfError('permission_missing', {
      detail: `anchors in a request need the permission ${supplyTrustAnchors}`,
    })
  }
  const given = readCertificates(anchors, 'anchors')
  return {
    generation: 'request',
    candidates: async (_target, intermediates) => ({ anchors: given, intermediates, refused: [] }),
  }
}

/** One generation of the store. What it says about a name is asked once per call. */
async function storedTrust(
  asOf: string | undefined,
  { profile, at }: Settings,
  context: ValidationContext,
  { signal }: Call,
): Promise<Trust> {
  const store = trustStoreOf(context, { signal })
  const generation = asOf === undefined ? await store.currentGeneration() : await store.generationAt(new Date(asOf))
  const known = new Map<string, Promise<readonly TrustEntry[]>>()
  const bySubject = (name: Certificate['subject']) => {
    const key = Buffer.from(name.raw).toString('latin1')
    const entries = known.get(key) ?? store.bySubject(name, generation)
    known.set(key, entries)
    return entries
  }
  const purposes = purposesOfProfile[profile]
  return {
    generation,
    async candidates(target, intermediates) {
      if (target === undefined) return { anchors: [], intermediates, refused: [] }
      return walkIssuers({ target, intermediates, purposes, generation, time: new Date(at) }, bySubject)
    },
  }
}
