import { workLimitsFields } from '../path/budget.ts'
import { peerNameFields } from '../path/peer-name.ts'
import { policySettingsFields } from '../path/settings.ts'
import { anchorBindingFields, certificateAnchorInputFields, namedAnchorInputFields } from '../path/trust-anchor.ts'
import { revocationPolicyFields } from '../revocation/types.ts'
import type { ValidationInput } from '../verdict/validation-input.ts'
import { Certificate } from '../x509/certificate.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'
import { generalSubtreeFields, nameConstraintsFields } from '../x509/extensions/name-constraints.ts'
import { generalNameFields } from '../x509/general-name.ts'
import { optionFields } from './option-fields.ts'
import { refuseUnknown } from './refuse-unknown.ts'

/** The objects within the options that every validation takes, whether of a certificate or of a document's signers. @throws argument_invalid */
export function refuseUnknownWithin({
  revocation,
  limits,
  anchors,
}: Pick<ValidationInput, 'revocation' | 'limits' | 'anchors'>): void {
  refuseUnknown(revocationPolicyFields, revocation, 'revocation')
  refuseUnknown(workLimitsFields, limits, 'limits')
  for (let index = 0; index < anchors.length; index++) {
    const anchor = anchors[index]
    if (anchor === undefined || anchor instanceof Uint8Array || anchor instanceof Certificate) continue
    const ofCertificate = 'certificate' in anchor
    refuseUnknown(ofCertificate ? certificateAnchorInputFields : namedAnchorInputFields, anchor, `anchors.${index}`)
    if (ofCertificate) refuseUnknown(anchorBindingFields, anchor.binding, `anchors.${index}.binding`)
    refuseUnknownConstraints(anchor.nameConstraints, `anchors.${index}.nameConstraints`)
  }
}

/** @throws argument_invalid */
export function refuseUnknownOptions(input: ValidationInput): void {
  refuseUnknown(validationInputFields, input)
  refuseUnknownWithin(input)
  refuseUnknown(policySettingsFields, input.policies, 'policies')
  refuseUnknownConstraints(input.nameConstraints, 'nameConstraints')
  for (const [index, peer] of input.peerNames?.entries() ?? [])
    refuseUnknown(peerNameFields, peer, `peerNames.${index}`)
}

function refuseUnknownConstraints(constraints: NameConstraints | undefined, path: string): void {
  if (constraints === undefined) return
  refuseUnknown(nameConstraintsFields, constraints, path)
  for (const list of ['permitted', 'excluded'] as const) {
    for (const [index, subtree] of constraints[list]?.entries() ?? []) {
      refuseUnknown(generalSubtreeFields, subtree, `${path}.${list}.${index}`)
      refuseUnknown(generalNameFields, subtree.base, `${path}.${list}.${index}.base`)
    }
  }
}

export const validationInputFields = optionFields<ValidationInput>({
  target: 1,
  intermediates: 1,
  anchors: 1,
  profile: 1,
  time: 1,
  serverName: 1,
  peerNames: 1,
  purposes: 1,
  keyUsage: 1,
  policies: 1,
  nameConstraints: 1,
  revocation: 1,
  crls: 1,
  ocspResponses: 1,
  evidence: 1,
  conformance: 1,
  maxIntermediates: 1,
  compatibilities: 1,
  limits: 1,
  keyCache: 1,
  signatureMemo: 1,
})
