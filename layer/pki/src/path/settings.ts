import { optionFields } from '../options/option-fields.ts'
import type { Profile } from '../profiles/types.ts'
import type { NameConstraints } from '../x509/extensions/name-constraints.ts'
import type { PeerName } from './peer-name.ts'

/** The policy inputs of RFC 5280 §6.1.1 (c), (e), (f), (g). */
export interface PolicySettings {
  /** user-initial-policy-set, OIDs; undefined or a set that holds anyPolicy stands for any policy. */
  readonly initialPolicySet?: readonly string[]
  /** initial-explicit-policy: the path must be valid for one of the policies. Default false. */
  readonly requireExplicitPolicy?: boolean
  /** initial-policy-mapping-inhibit. Default false. */
  readonly inhibitPolicyMapping?: boolean
  /** initial-any-policy-inhibit. Default false. */
  readonly inhibitAnyPolicy?: boolean
}

/** Everything that stays the same while paths are tried. */
export interface PathSettings {
  readonly profile: Profile
  /** The moment of validation, milliseconds since 1970 UTC. */
  readonly at: number
  readonly policies: PolicySettings
  /** initial-permitted-subtrees and initial-excluded-subtrees, §6.1.1 (h), (i). */
  readonly nameConstraints: NameConstraints | undefined
  /** Peers the target must be a certificate of, each of them. */
  readonly peers: readonly PeerName[]
  /** Key purposes beside the profile's, OIDs. */
  readonly purposes: readonly string[]
  /** A mask of KEY_USAGE the target must allow. */
  readonly keyUsage: number
  /** Whether RFC 5280 §4 is enforced beside §6.1. */
  readonly conformance: boolean
  /** Greatest number of certificates between target and anchor, self-issued ones not counted. */
  readonly maxIntermediates: number
}

export const policySettingsFields = optionFields<PolicySettings>({
  initialPolicySet: 1,
  requireExplicitPolicy: 1,
  inhibitPolicyMapping: 1,
  inhibitAnyPolicy: 1,
})
