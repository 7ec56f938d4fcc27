import { schemeOfSigner } from '../cms/signature-scheme-of-signer.ts'
import type { SignedData } from '../cms/types.ts'
import { type SignerVerdict, verifySignedData } from '../cms/verify-signed-data.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { profileByName } from '../profiles/profiles.ts'
import type { Profile, ProfileCompatibility, ProfileName } from '../profiles/types.ts'
import { createKeyCache } from '../signature/key-cache.ts'
import { finding } from '../verdict/findings.ts'
import { validateCertificate } from '../verdict/validate-certificate.ts'
import type { ValidationInput } from '../verdict/validation-input.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { Certificate, parseCertificate } from '../x509/certificate.ts'
import { fromCms, hasError, type IcaoFinding } from './findings.ts'

/** Named, opt-in departures from a standard for signed documents and lists. Each one used is named in the verdict. */
export type IcaoCompatibility =
  | ProfileCompatibility
  /** Read CMS tolerantly: BER and the other departures of `CmsCompatibility`. */
  | 'cms-tolerant'
  /** Accept id-data as the content type of an EF.SOD. */
  | 'sod-content-type-data'
  /** Read an EF.SOD whose outer tag 0x77 is missing. */
  | 'sod-without-tag'

/** What the signers of a document or list are validated with; see `ValidationInput` for each. */
export interface SignerValidation
  extends Pick<
    ValidationInput,
    | 'anchors'
    | 'time'
    | 'revocation'
    | 'crls'
    | 'ocspResponses'
    | 'evidence'
    | 'limits'
    | 'keyCache'
    | 'signatureMemo'
    | 'maxIntermediates'
  > {
  /** Certificates of signers that are not embedded, and link certificates. Nothing is believed of them. Default none. */
  readonly certificates?: readonly (Uint8Array | Certificate)[]
  readonly compatibilities?: readonly IcaoCompatibility[]
}

/** One signer: its signature over the content, and the validation of its certificate. */
export interface IcaoSigner {
  readonly valid: boolean
  /** Null where no certificate fits the signer. */
  readonly certificate: Certificate | null
  /** Claimed by the signer; RFC 3339. */
  readonly signingTime: string | null
  /** Null where there is no certificate to validate. */
  readonly chain: Verdict | null
}

export interface SignersVerdict {
  readonly signers: readonly IcaoSigner[]
  readonly findings: readonly IcaoFinding[]
  /** Names of the compatibilities that were needed, not merely allowed. */
  readonly compatibility: readonly string[]
}

/** Every compatibility of signed documents and lists. */
export const icaoCompatibilities: readonly IcaoCompatibility[] = [
  'rsa-digestinfo-without-null',
  'lenient-extensions',
  'cms-tolerant',
  'sod-content-type-data',
  'sod-without-tag',
]

/** @throws argument_invalid for a name that is no compatibility */
export function allowedCompatibilities({
  compatibilities = [],
}: Pick<SignerValidation, 'compatibilities'>): ReadonlySet<IcaoCompatibility> {
  for (const name of compatibilities) {
    if (!icaoCompatibilities.includes(name))
      throw new PkiError('argument_invalid', `no compatibility '${String(name).slice(0, 60)}'`)
  }
  return new Set(compatibilities)
}

/**
 * Verifies every signature over the content, and validates the certificate of every signer to the anchors under a profile. An
 * embedded certificate is a candidate like any other: without an anchor above it, it proves nothing.
 *
 * @throws argument_invalid
 */
export function verifySigners(
  signedData: SignedData,
  profileName: ProfileName,
  input: SignerValidation,
): SignersVerdict {
  const profile = profileByName(profileName)
  const allowed = allowedCompatibilities(input)
  const given = readCertificates(input.certificates ?? [])
  const keyCache = input.keyCache ?? createKeyCache()
  const content = verifySignedData(signedData, {
    certificates: given,
    tolerant: allowed.has('cms-tolerant'),
    policy: {
      explicitCurves: profile.keys.explicitCurves,
      digestInfoWithoutNull: allowed.has('rsa-digestinfo-without-null'),
    },
    keyCache,
  })
  const findings: IcaoFinding[] = content.findings.map(fromCms)
  const signers = content.signers.map(signer => {
    const own: IcaoFinding[] = [...signer.findings.map(fromCms), ...forbiddenAlgorithm(signer, profile)]
    const intermediates = [...signedData.certificates, ...given]
    const chain =
      signer.certificate === undefined
        ? null
        : validate(signer.certificate, intermediates, keyCache, profileName, input)
    // What would help is found for the document as a whole, its signature included.
    if (chain !== null) own.push(...chain.findings.filter(({ code }) => code !== 'compatibility_would_help'))
    findings.push(...own)
    return {
      valid: signer.valid && chain?.valid === true && !hasError(own),
      certificate: signer.certificate ?? null,
      signingTime: signer.signingTime === undefined ? null : new Date(signer.signingTime).toISOString(),
      chain,
    }
  })
  const compatibility = new Set([...content.compatibility, ...findings.flatMap(({ code }) => needed[code] ?? [])])
  return { signers, findings, compatibility: [...compatibility] }
}

/** The compatibility that a chain needed, by the code of its warning. */
const needed: Readonly<Partial<Record<IcaoFinding['code'], ProfileCompatibility>>> = {
  signature_compatibility: 'rsa-digestinfo-without-null',
  extension_compatibility: 'lenient-extensions',
}

/** Given certificates that cannot be parsed are left out: a directory of signers may hold some, and none of them is trusted. */
function readCertificates(given: readonly (Uint8Array | Certificate)[]): readonly Certificate[] {
  const certificates: Certificate[] = []
  for (const one of given) {
    try {
      certificates.push(one instanceof Certificate ? one : parseCertificate(one))
    } catch (error) {
      if (!isPkiError(error)) throw error
    }
  }
  return certificates
}

function validate(
  target: Certificate,
  intermediates: readonly (Uint8Array | Certificate)[],
  keyCache: NonNullable<ValidationInput['keyCache']>,
  profile: ProfileName,
  input: SignerValidation,
): Verdict {
  const { certificates: _given, compatibilities = [], ...rest } = input
  const known = profileByName(profile).compatibilities
  const forProfile = known.filter(name => compatibilities.includes(name))
  return validateCertificate({ ...rest, target, intermediates, profile, keyCache, compatibilities: forProfile })
}

/** The profile's hashes bind the signature over the content as they bind those over certificates. */
export function forbiddenAlgorithm({ signer }: SignerVerdict, profile: Profile): IcaoFinding[] {
  try {
    const scheme = schemeOfSigner(signer)
    if (scheme.kind === 'pure') {
      if (profile.keys.pure.includes(scheme.keyType)) return []
    } else if (profile.signatures[scheme.kind]?.includes(scheme.hash) === true) return []
    const name = scheme.kind === 'pure' ? scheme.keyType : `${scheme.kind} with ${scheme.hash}`
    return [finding('signature_algorithm_forbidden', null, `profile ${profile.name} does not allow ${name}`)]
  } catch (error) {
    // Said already by the verification of the signature.
    if (!isPkiError(error)) throw error
    return []
  }
}

/** Fields that every validation of a signer takes, to be part of the fields of its callers. */
export const signerValidationFields: Readonly<Record<keyof SignerValidation, 1>> = {
  anchors: 1,
  time: 1,
  revocation: 1,
  crls: 1,
  ocspResponses: 1,
  evidence: 1,
  limits: 1,
  keyCache: 1,
  signatureMemo: 1,
  maxIntermediates: 1,
  certificates: 1,
  compatibilities: 1,
}
