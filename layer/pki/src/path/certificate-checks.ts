import { oidName } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import { isPkiError } from '../errors.ts'
import { type RuleSet, ruleSet } from '../profiles/rule-set.ts'
import { keyFault } from '../profiles/rules/key-rules.ts'
import type { CertificateRule, Role } from '../profiles/types.ts'
import { readPublicKey } from '../signature/public-key.ts'
import type { KeyCache } from '../signature/types.ts'
import { findingTable, type PathFindingCode } from '../verdict/findings.ts'
import type { Certificate } from '../x509/certificate.ts'
import { keyUsageNames } from '../x509/extensions/key-usage.ts'
import { matchPeerName, type PeerName } from './peer-name.ts'
import type { PathSettings } from './settings.ts'
import { SmallMap } from './small-map.ts'
import { type AnchorBinding, fullBinding, type TrustAnchor } from './trust-anchor.ts'

/** A finding before it is known where in a path the certificate stands. */
export interface CertificateFault {
  readonly code: PathFindingCode
  readonly message: string
}

type PathRole = Exclude<Role, 'anchor'>

/** The part of an anchor's certificate that a rule is about; rules of other codes are of the certificate profile. */
const anchorFields: Readonly<Partial<Record<PathFindingCode, keyof AnchorBinding>>> = {
  not_yet_valid: 'validity',
  expired: 'validity',
  not_a_ca: 'basicConstraints',
  key_usage_without_cert_sign: 'keyUsage',
  unknown_critical_extension: 'criticalExtensions',
}
/** What a caller cannot switch off: a key has to be one, and one that the profile allows. */
const keyCodes: ReadonlySet<PathFindingCode> = new Set(['key_forbidden'])

/** What was found before, by role. */
type KnownFaults = Record<PathRole, readonly CertificateFault[] | undefined>

const noFaults: readonly CertificateFault[] = Object.freeze([])

/**
 * Everything about a certificate that does not depend on the path it stands in, computed once per certificate and role. This is what
 * costs no public-key operation; a path that fails here is never verified.
 */
export class CertificateChecks {
  readonly #settings: PathSettings
  readonly #keyCache: KeyCache
  readonly #rules: RuleSet
  readonly #purposes: readonly string[]
  readonly #checked = new SmallMap<Certificate, KnownFaults>()
  readonly #anchors = new SmallMap<TrustAnchor, readonly CertificateFault[]>()

  constructor(settings: PathSettings, keyCache: KeyCache) {
    this.#settings = settings
    this.#keyCache = keyCache
    const { profile } = settings
    this.#purposes = [...(profile.purpose?.purposes ?? []), ...settings.purposes]
    this.#rules = ruleSet(profile, settings.conformance, settings.purposes.includes(oids.emailProtection))
  }

  /** What is wrong with the certificate in this role; empty if nothing is. */
  faults(certificate: Certificate, role: PathRole): readonly CertificateFault[] {
    let known = this.#checked.get(certificate)
    if (known === undefined) {
      certificate.subjectPublicKeyInfo.recall(this.#keyCache)
      known = { ca: undefined, target: undefined }
      this.#checked.add(certificate, known)
    }
    known[role] ??= this.#check(certificate, role)
    return known[role]
  }

  /** What is wrong with the certificate of an anchor, as far as it binds; of one that is a name and a key, what is wrong with the key. */
  anchorFaults(anchor: TrustAnchor): readonly CertificateFault[] {
    let faults = this.#anchors.get(anchor)
    if (faults === undefined) {
      faults =
        anchor.certificate === undefined ? this.#keyFaults(anchor) : this.#certificateFaults(anchor.certificate, anchor)
      this.#anchors.add(anchor, faults)
    }
    return faults
  }

  #certificateFaults(certificate: Certificate, { binding }: TrustAnchor): readonly CertificateFault[] {
    const faults: CertificateFault[] = []
    certificate.subjectPublicKeyInfo.recall(this.#keyCache)
    for (const rule of this.#rules.anchor) {
      if (
        binding === fullBinding ||
        binding[anchorFields[rule.code] ?? 'certificateProfile'] ||
        keyCodes.has(rule.code)
      ) {
        this.#apply(rule, certificate, 'anchor', faults)
      }
    }
    const { anchorPurposes = true } = this.#settings.profile.purpose ?? {}
    if (binding.extendedKeyUsage && anchorPurposes && this.#purposes.length > 0) {
      for (const fault of this.#purposeFaults(certificate)) add(faults, fault)
    }
    return faults.length === 0 ? noFaults : faults
  }

  #keyFaults({ spki }: TrustAnchor): readonly CertificateFault[] {
    const fault = attempt('key_forbidden', () => keyFault(readPublicKey(spki), this.#settings.profile.keys))
    return fault === undefined ? noFaults : [fault]
  }

  #check(certificate: Certificate, role: PathRole): readonly CertificateFault[] {
    const faults: CertificateFault[] = []
    for (const rule of this.#rules[role]) this.#apply(rule, certificate, role, faults)
    if (this.#purposes.length > 0) {
      for (const fault of this.#purposeFaults(certificate)) add(faults, fault)
    }
    if (role === 'target') for (const fault of this.#targetFaults(certificate)) add(faults, fault)
    return faults.length === 0 ? noFaults : faults
  }

  #apply({ code, check }: CertificateRule, certificate: Certificate, role: Role, faults: CertificateFault[]): void {
    try {
      const message = check(certificate, this.#settings, role)
      if (message !== undefined) add(faults, { code, message })
    } catch (cause) {
      // One getter that throws may stop several rules; it is reported once.
      add(faults, faultOfError(cause))
    }
  }

  /** RFC 5280 §4.2.1.12, and as all relying parties do, a CA's purposes bind those it issues for. */
  #purposeFaults(certificate: Certificate): CertificateFault[] {
    const fault = attempt('purpose_not_allowed', () => {
      const allowed = certificate.extendedKeyUsage
      if (allowed === undefined) return undefined
      const any = this.#settings.profile.purpose?.anyAccepted !== false || certificate.basicConstraints?.ca === true
      if (any && allowed.includes(oids.anyExtendedKeyUsage)) return undefined
      const missing = this.#purposes.find(purpose => !allowed.includes(purpose))
      return missing === undefined ? undefined : `extKeyUsage does not allow ${oidName(missing)}`
    })
    return fault === undefined ? [] : [fault]
  }

  #targetFaults(certificate: Certificate): CertificateFault[] {
    const faults: CertificateFault[] = []
    const { keyUsage, peers, profile } = this.#settings
    const usage = attempt('key_usage_not_allowed', () => {
      const missing = keyUsage & ~(certificate.keyUsage ?? keyUsage)
      return missing === 0 ? undefined : `keyUsage does not allow ${keyUsageNames(missing).join(', ')}`
    })
    if (usage !== undefined) faults.push(usage)
    const required = profile.purpose !== undefined && certificate.extension(oids.extKeyUsage) === undefined
    if (required) faults.push({ code: 'purpose_not_allowed', message: 'the profile asks for extKeyUsage' })
    for (const peer of peers) {
      const fault = peerFault(certificate, peer)
      if (fault !== undefined) faults.push(fault)
    }
    return faults
  }
}

function add(faults: CertificateFault[], fault: CertificateFault): void {
  if (!faults.some(({ code, message }) => code === fault.code && message === fault.message)) faults.push(fault)
}

function peerFault(certificate: Certificate, peer: PeerName): CertificateFault | undefined {
  const value = `'${peer.value.slice(0, 253)}'`
  try {
    const match = matchPeerName(certificate, peer)
    if (match === 'match') return undefined
    if (match === 'invalid')
      return { code: 'peer_name_invalid', message: `${value} is no name of the kind ${peer.kind}` }
    return { code: 'peer_name_mismatch', message: `the certificate is not for ${value}` }
  } catch (cause) {
    return faultOfError(cause)
  }
}

/** Runs one check; the coded error of a lazy getter becomes a finding. */
function attempt(code: PathFindingCode, check: () => string | undefined): CertificateFault | undefined {
  try {
    const message = check()
    return message === undefined ? undefined : { code, message }
  } catch (cause) {
    return faultOfError(cause)
  }
}

/** The finding a coded error stands for; any other error is a defect and goes on. */
export function faultOfError(cause: unknown): CertificateFault {
  if (!isPkiError(cause)) throw cause
  const code = Object.hasOwn(findingTable, cause.code) ? (cause.code as PathFindingCode) : 'certificate_malformed'
  return { code, message: cause.message }
}
