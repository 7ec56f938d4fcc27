import { oids } from '../der/oid-names.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { refuseUnknownOptions } from '../options/validation-options.ts'
import { Budget, type WorkLimits } from '../path/budget.ts'
import type { SignatureSettings } from '../path/path-signatures.ts'
import { peerNameOfHost } from '../path/peer-name.ts'
import type { PathSettings } from '../path/settings.ts'
import { createRunMemo } from '../path/signature-memo.ts'
import { type TrustAnchor, type TrustAnchorInput, trustAnchor } from '../path/trust-anchor.ts'
import { type RunResult, ValidationRun } from '../path/validation-run.ts'
import { conformingEvidence } from '../profiles/conforming-evidence.ts'
import { profileByName } from '../profiles/profiles.ts'
import type { Profile, ProfileCompatibility } from '../profiles/types.ts'
import { prepareEvidence, type RevocationEvidence } from '../revocation/evidence.ts'
import type { RevocationPolicy } from '../revocation/types.ts'
import { createKeyCache } from '../signature/key-cache.ts'
import { bytesKey } from '../x509/bytes.ts'
import { Certificate, parseCertificate } from '../x509/certificate.ts'
import { type KeyUsageName, keyUsageBit } from '../x509/extensions/key-usage.ts'
import { lenientCertificate, strictCertificate } from '../x509/lenient-certificate.ts'
import { type Finding, finding, type PathFindingCode } from './findings.ts'
import { toVerdict, unreadableTarget } from './to-verdict.ts'
import type { ValidationInput } from './validation-input.ts'
import type { Verdict } from './verdict.ts'

const noFindings: readonly Finding[] = Object.freeze([])
const noEvidence: RevocationEvidence = prepareEvidence()
const defaultMaxIntermediates = 20

/**
 * Validates a certificate: builds paths to the anchors and checks them by RFC 5280 §6 and the rules of the profile, until one is valid or
 * none is left. Deterministic: the same input gives the same verdict. Reads nothing but its input; `time` defaults to the clock.
 *
 * Guarantees: whatever the certificates, CRLs and responses hold, the answer is a verdict, within the work limits. A target that cannot be
 * read gives an invalid verdict; intermediates and anchors that cannot be read are left out and named by a warning.
 *
 * @throws argument_invalid for a field that no options object has, an unknown profile, purpose, key usage, compatibility, a time that is none or limits that are none
 */
export function validateCertificate(input: ValidationInput): Verdict {
  refuseUnknownOptions(input)
  const profile = profileByName(input.profile)
  const settings = readSettings(input, profile)
  const budget = new Budget(checkedLimits(input.limits))
  const warnings: Finding[] = []
  const compatibilities = readCompatibilities(input, profile)
  const read = compatibilities.has('lenient-extensions') ? readLeniently : readCertificate
  const intermediates = distinct(readAll(input.intermediates ?? [], 'intermediate_malformed', read, warnings))
  const anchors = readAll(input.anchors, 'anchor_malformed', anchor => readAnchor(anchor, read), warnings)
  const signatures = readSignatureSettings(input, profile, compatibilities)
  const given = readEvidence(input)
  const evidence = settings.conformance ? conformingEvidence(given) : given
  let target: Certificate
  try {
    target = read(input.target)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return unreadableTarget(settings, budget, finding('certificate_malformed', 0, cause.message), warnings)
  }
  const revocation =
    typeof input.revocation === 'string' ? { mode: input.revocation } : (input.revocation ?? switchedOff)
  const run = new ValidationRun({ settings, anchors, intermediates, evidence, revocation, signatures, budget })
  const result = run.run(target)
  if (compatibilities.has('lenient-extensions')) warnings.push(...leniencies(result, target))
  const verdict = toVerdict(result, target, settings, budget, warnings)
  const help = verdict.valid ? noFindings : compatibilitiesThatHelp(input, verdict, profile, compatibilities)
  return help.length === 0 ? verdict : { ...verdict, findings: [...verdict.findings, ...help] }
}

/** The warning by which a verdict says that it needed a compatibility, and the error that stands where it was not allowed. */
const compatibilityCodes: Readonly<Record<ProfileCompatibility, { readonly warning: string; readonly error: string }>> =
  {
    'rsa-digestinfo-without-null': { warning: 'signature_compatibility', error: 'signature_invalid' },
    'lenient-extensions': { warning: 'extension_compatibility', error: 'extension_malformed' },
  }

/** Found by trying, and only for an error that a compatibility of the profile may be about: none is named in vain. */
function compatibilitiesThatHelp(
  input: ValidationInput,
  { findings }: Verdict,
  profile: Profile,
  allowed: ReadonlySet<ProfileCompatibility>,
): readonly Finding[] {
  const has = (all: readonly Finding[], wanted: string): boolean => all.some(({ code }) => code === wanted)
  const missing = profile.compatibilities.filter(
    name => !allowed.has(name) && has(findings, compatibilityCodes[name].error),
  )
  if (missing.length === 0) return noFindings
  const other = validateCertificate({ ...input, compatibilities: profile.compatibilities })
  return missing
    .filter(name => has(other.findings, compatibilityCodes[name].warning))
    .filter(name => other.valid || !has(other.findings, compatibilityCodes[name].error))
    .map(name => finding('compatibility_would_help', null, name, 'warning'))
}

const switchedOff: RevocationPolicy = Object.freeze({ mode: 'off' })

function readSettings(input: ValidationInput, profile: Profile): PathSettings {
  const peers = [
    ...(input.peerNames ?? []),
    ...(input.serverName === undefined ? [] : [peerNameOfHost(input.serverName)]),
  ]
  const purposes = input.purposes ?? []
  const forPeer = peers.length > 0 || purposes.length > 0
  const byProfile = profile.conformance === 'always' || (profile.conformance === 'for-peer' && forPeer)
  const maxIntermediates = input.maxIntermediates ?? defaultMaxIntermediates
  if (!Number.isSafeInteger(maxIntermediates) || maxIntermediates < 0) {
    throw new PkiError('argument_invalid', `maxIntermediates is ${maxIntermediates}`)
  }
  for (const purpose of purposes) {
    if (!/^[0-2](\.\d+)+$/.test(purpose))
      throw new PkiError('argument_invalid', `purpose '${purpose.slice(0, 80)}' is no OID`)
  }
  return {
    profile,
    at: readTime(input.time),
    policies: input.policies ?? {},
    nameConstraints: input.nameConstraints,
    peers,
    purposes,
    keyUsage: keyUsageMask(input.keyUsage ?? []),
    conformance: input.conformance ?? byProfile,
    maxIntermediates,
  }
}

function readTime(time: Date | number = Date.now()): number {
  const milliseconds = typeof time === 'number' ? time : time.getTime()
  // The range of Date (ECMA-262 §21.4.1.1).
  if (!(Math.abs(milliseconds) <= 8.64e15)) throw new PkiError('argument_invalid', 'time is no moment')
  return milliseconds
}

function keyUsageMask(names: readonly KeyUsageName[]): number {
  let mask = 0
  for (const name of names) {
    if (!Object.hasOwn(keyUsageBit, name))
      throw new PkiError('argument_invalid', `key usage '${String(name).slice(0, 40)}'`)
    mask |= keyUsageBit[name]
  }
  return mask
}

function checkedLimits(limits: Partial<WorkLimits> | undefined): Partial<WorkLimits> | undefined {
  if (limits === undefined) return undefined
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 0) throw new PkiError('argument_invalid', `limit ${name} is ${value}`)
  }
  return limits
}

function readCompatibilities(
  { compatibilities = [] }: ValidationInput,
  profile: Profile,
): ReadonlySet<ProfileCompatibility> {
  for (const name of compatibilities) {
    if (!profile.compatibilities.includes(name)) {
      throw new PkiError(
        'argument_invalid',
        `profile ${profile.name} knows no compatibility '${String(name).slice(0, 60)}'`,
      )
    }
  }
  return compatibilities.length === 0 ? noCompatibilities : new Set(compatibilities)
}

const noCompatibilities: ReadonlySet<ProfileCompatibility> = new Set()

function readSignatureSettings(
  input: ValidationInput,
  profile: Profile,
  compatibilities: ReadonlySet<ProfileCompatibility>,
): SignatureSettings {
  return {
    compatibility: {
      explicitCurves: profile.keys.explicitCurves,
      digestInfoWithoutNull: compatibilities.has('rsa-digestinfo-without-null'),
    },
    keyCache: input.keyCache ?? createKeyCache(),
    memo: input.signatureMemo ?? createRunMemo(),
  }
}

function readEvidence({ evidence, crls, ocspResponses }: ValidationInput): RevocationEvidence {
  if (crls === undefined && ocspResponses === undefined) return evidence ?? noEvidence
  if (evidence !== undefined) throw new PkiError('argument_invalid', 'evidence beside crls or ocspResponses')
  return prepareEvidence(crls, ocspResponses)
}

function readCertificate(input: Uint8Array | Certificate): Certificate {
  return input instanceof Certificate ? strictCertificate(input) : parseCertificate(input)
}

function readLeniently(input: Uint8Array | Certificate): Certificate {
  return lenientCertificate(input instanceof Certificate ? input : parseCertificate(input)).certificate
}

function readAnchor(
  input: Uint8Array | Certificate | TrustAnchorInput,
  read: (input: Uint8Array | Certificate) => Certificate,
): TrustAnchor {
  return trustAnchor(input instanceof Uint8Array || input instanceof Certificate ? read(input) : input, read)
}

/** What was read leniently in the path that the verdict is about. */
function leniencies({ best }: RunResult, target: Certificate): readonly Finding[] {
  const certificates = best === undefined ? [target] : [...best.path, best.anchor?.certificate]
  return certificates.flatMap((certificate, index) =>
    certificate?.isLenient === true
      ? lenientCertificate(certificate).departures.map(what =>
          finding('extension_compatibility', index, `lenient-extensions: ${what}`, 'warning'),
        )
      : [],
  )
}

function readAll<I, T>(
  inputs: readonly I[],
  code: PathFindingCode,
  read: (input: I) => T,
  warnings: Finding[],
): readonly T[] {
  const items: T[] = []
  for (let index = 0; index < inputs.length; index++) {
    try {
      items.push(read(inputs[index] as I))
    } catch (cause) {
      // What the caller asked wrongly is no property of the certificate.
      if (!isPkiError(cause) || cause.code === 'argument_invalid') throw cause
      warnings.push(finding(code, null, `number ${index}: ${cause.message}`, 'warning'))
    }
  }
  return items
}

/** Each certificate once: servers send them twice, and an attacker a thousand times. */
function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  if (certificates.length < 2) return certificates
  const seen = new Map(certificates.map(certificate => [bytesKey(certificate.der), certificate]))
  return seen.size === certificates.length ? certificates : [...seen.values()]
}

/** serverAuth and its like by their names in RFC 5280 §4.2.1.12. */
export const purposeOids = Object.freeze({
  serverAuth: oids.serverAuth,
  clientAuth: oids.clientAuth,
  codeSigning: oids.codeSigning,
  emailProtection: oids.emailProtection,
  timeStamping: oids.timeStamping,
  OCSPSigning: oids.OCSPSigning,
})
