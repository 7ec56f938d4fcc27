import type { ValidationInput } from '../verdict/validate-certificate.ts'
import { Certificate } from '../x509/certificate.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'
import { refuseUnknown } from './refuse-unknown.ts'

/** The objects within the options that every validation takes, whether of a certificate or of a document's signers. @throws argument_invalid */
export function refuseUnknownWithin({
  revocation,
  limits,
  anchors,
}: Pick<ValidationInput, 'revocation' | 'limits' | 'anchors'>): void {
  refuseUnknown('RevocationPolicy', revocation, 'revocation')
  refuseUnknown('WorkLimits', limits, 'limits')
  for (let index = 0; index < anchors.length; index++) {
    const anchor = anchors[index]
    if (anchor === undefined || anchor instanceof Uint8Array || anchor instanceof Certificate) continue
    const ofCertificate = 'certificate' in anchor
    refuseUnknown(ofCertificate ? 'CertificateAnchorInput' : 'NamedAnchorInput', anchor, `anchors.${index}`)
    if (ofCertificate) refuseUnknown('AnchorBinding', anchor.binding, `anchors.${index}.binding`)
    refuseUnknownConstraints(anchor.nameConstraints, `anchors.${index}.nameConstraints`)
  }
}

/** @throws argument_invalid */
export function refuseUnknownOptions(input: ValidationInput): void {
  refuseUnknown('ValidationInput', input)
  refuseUnknownWithin(input)
  refuseUnknown('PolicySettings', input.policies, 'policies')
  refuseUnknownConstraints(input.nameConstraints, 'nameConstraints')
  for (const [index, peer] of input.peerNames?.entries() ?? []) refuseUnknown('PeerName', peer, `peerNames.${index}`)
}

function refuseUnknownConstraints(constraints: NameConstraints | undefined, path: string): void {
  if (constraints === undefined) return
  refuseUnknown('NameConstraints', constraints, path)
  for (const list of ['permitted', 'excluded'] as const) {
    for (const [index, subtree] of constraints[list]?.entries() ?? []) {
      refuseUnknown('GeneralSubtree', subtree, `${path}.${list}.${index}`)
      refuseUnknown('GeneralName', subtree.base, `${path}.${list}.${index}.base`)
    }
  }
}
