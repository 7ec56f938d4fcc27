import { type Call, MmfError } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import { readCertificates } from './read-input.ts'
import type { SharedRequest } from './schemas.ts'

export interface Anchors {
  readonly anchors: readonly Certificate[]
  readonly anchorsGeneration: 'request' | number
}

/** Who may say in a request what is trusted. A verdict over such anchors says so: its generation is `request`. */
export const supplyTrustAnchors = 'supply_trust_anchors'

/**
 * What a request trusts: the anchors it brings, for who may bring them.
 * @throws {MmfError} `permission_missing`, `anchors_required`, `certificate_malformed`
 */
export async function anchorsOf({ anchors }: SharedRequest, { principal }: Call): Promise<Anchors> {
  if (anchors === undefined) {
    throw new MmfError('anchors_required', { detail: 'anchors: name the trust anchors in the request' })
  }
  if (principal?.permissions.includes(supplyTrustAnchors) !== true) {
    throw new MmfError('permission_missing', {
      detail: `anchors in a request need the permission ${supplyTrustAnchors}`,
    })
  }
  return { anchors: readCertificates(anchors, 'anchors'), anchorsGeneration: 'request' }
}
