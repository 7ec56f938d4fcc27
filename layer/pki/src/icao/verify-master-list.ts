import { isPkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { refuseUnknownWithin } from '../options/validation-options.ts'
import type { ProfileName } from '../profiles/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import { hasError, type IcaoFinding, icaoFinding } from './findings.ts'
import { type MasterList, masterListCertificates, parseMasterList } from './master-list.ts'
import {
  allowedCompatibilities,
  type IcaoCompatibility,
  type IcaoSigner,
  icaoCompatibilities,
  type SignerValidation,
  signerValidationFields,
  verifySigners,
} from './signers.ts'
import { compatibilitiesThatHelp } from './would-help.ts'

export interface VerifyMasterListInput extends SignerValidation {
  /** The signed list, as downloaded. */
  readonly masterList: Uint8Array
}

export interface MasterListVerdict {
  /** The signature and the signer's chain are valid. */
  readonly valid: boolean
  readonly profile: ProfileName
  /** Errors for an invalid verdict; a listed certificate that cannot be parsed is a warning. */
  readonly findings: readonly IcaoFinding[]
  /** The certificates of the list, whether or not the verdict is valid; believe them only if it is. */
  readonly certificates: readonly Certificate[]
  readonly signers: readonly IcaoSigner[]
  /** Names of the compatibilities that were needed, not merely allowed. */
  readonly compatibility: readonly string[]
}

const profileName: ProfileName = 'master-list-signer'

/**
 * Verifies a CSCA master list (ICAO Doc 9303-12): its signature, and its signer's certificate to the anchors under the profile
 * `master-list-signer`, whose extended key usage it must have. The CSCA that a list embeds for its own signer is no anchor.
 *
 * Guarantee: whatever the bytes hold, the answer is a verdict. Lists outlive their signers: give `time` to judge an older one.
 *
 * @throws argument_invalid for a field that no options object has, a time that is none or a compatibility that is not known
 */
export function verifyMasterList(input: VerifyMasterListInput): MasterListVerdict {
  refuseUnknown(verifyMasterListInputFields, input)
  refuseUnknownWithin(input)
  const allowed = allowedCompatibilities(input)
  const verdict = judge(input, allowed)
  const help = compatibilitiesThatHelp(verdict, listCompatibilities, allowed, compatibilities =>
    judge({ ...input, compatibilities }, new Set(compatibilities)),
  )
  return help.length === 0 ? verdict : { ...verdict, findings: [...verdict.findings, ...help] }
}

const listCompatibilities = icaoCompatibilities.filter(name => !name.startsWith('sod-'))

function judge(input: VerifyMasterListInput, allowed: ReadonlySet<IcaoCompatibility>): MasterListVerdict {
  const { masterList: bytes, ...validation } = input
  let masterList: MasterList
  try {
    masterList = parseMasterList(bytes, { tolerant: allowed.has('cms-tolerant') })
  } catch (error) {
    if (!isPkiError(error)) throw error
    const findings = [icaoFinding('master_list_malformed', error.message)]
    return { valid: false, profile: profileName, findings, certificates: [], signers: [], compatibility: [] }
  }
  const {
    signers,
    findings: signerFindings,
    compatibility,
  } = verifySigners(masterList.signedData, profileName, validation)
  const { certificates, malformed } = masterListCertificates(masterList)
  const unreadable = malformed.map(({ index, error }) =>
    icaoFinding('master_list_certificate_malformed', `number ${index}: ${error.message}`, 'warning'),
  )
  const findings = [...signerFindings, ...unreadable]
  const valid = !hasError(findings) && signers.length > 0 && signers.every(signer => signer.valid)
  return { valid, profile: profileName, findings, certificates, signers, compatibility }
}

export const verifyMasterListInputFields = optionFields<VerifyMasterListInput>({
  ...signerValidationFields,
  masterList: 1,
})
