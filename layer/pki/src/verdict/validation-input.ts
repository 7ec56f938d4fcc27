import type { WorkLimits } from '../path/budget.ts'
import type { PeerName } from '../path/peer-name.ts'
import type { PolicySettings } from '../path/settings.ts'
import type { SignatureMemo } from '../path/signature-memo.ts'
import type { TrustAnchorInput } from '../path/trust-anchor.ts'
import type { ProfileCompatibility, ProfileName } from '../profiles/types.ts'
import type { CertificateList } from '../revocation/crl.ts'
import type { RevocationEvidence } from '../revocation/evidence.ts'
import type { OcspResponse } from '../revocation/ocsp-response.ts'
import type { RevocationMode, RevocationPolicy } from '../revocation/types.ts'
import type { KeyCache } from '../signature/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { KeyUsageName } from '../x509/extensions/key-usage.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'

/** Everything a validation is asked with. Certificates are DER bytes or parsed. */
export interface ValidationInput {
  readonly target: Uint8Array | Certificate
  /** Certificates that may help to build a path, in any order; nothing is believed of them. Default none. */
  readonly intermediates?: readonly (Uint8Array | Certificate)[]
  /** What is trusted. With an empty list nothing is trusted. */
  readonly anchors: readonly (Uint8Array | Certificate | TrustAnchorInput)[]
  readonly profile: ProfileName
  /** The moment of validation: a Date or milliseconds since 1970 UTC. Default now. */
  readonly time?: Date | number
  /** The host the caller means: a domain name or an IP address in text. */
  readonly serverName?: string
  /** Peers the certificate must name, each of them. */
  readonly peerNames?: readonly PeerName[]
  /** Key purposes (OIDs) that must be allowed, beside those of the profile. */
  readonly purposes?: readonly string[]
  /** Key usages that must be allowed. */
  readonly keyUsage?: readonly KeyUsageName[]
  readonly policies?: PolicySettings
  /** initial-permitted-subtrees and initial-excluded-subtrees of RFC 5280 §6.1.1. */
  readonly nameConstraints?: NameConstraints
  /** `required`, `soft-fail` or `off`, or a whole policy. Default `off`: nothing is said about revocation. */
  readonly revocation?: RevocationMode | RevocationPolicy
  readonly crls?: readonly (Uint8Array | CertificateList)[]
  readonly ocspResponses?: readonly (Uint8Array | OcspResponse)[]
  /** CRLs and responses read before; beside `crls` and `ocspResponses` it is not allowed. */
  readonly evidence?: RevocationEvidence
  /**
   * Enforce the certificate profile of RFC 5280 §4 beside the path algorithm of §6.1. Default: what the profile says; `rfc5280` does as
   * soon as a peer or a purpose is named.
   */
  readonly conformance?: boolean
  /** Greatest number of CA certificates between target and anchor, self-issued ones not counted. Default 20. */
  readonly maxIntermediates?: number
  /** Named departures from a standard, where the profile knows them. Default none. */
  readonly compatibilities?: readonly ProfileCompatibility[]
  readonly limits?: Partial<WorkLimits>
  /** Imported keys, kept between validations. */
  readonly keyCache?: KeyCache
  /** Verified signatures, kept between validations. Default: remembered within this one alone. */
  readonly signatureMemo?: SignatureMemo
}
