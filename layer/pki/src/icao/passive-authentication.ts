import { oids } from '../der/oid-names.ts'
import { isPkiError, type PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { refuseUnknownWithin } from '../options/validation-options.ts'
import type { ProfileName } from '../profiles/types.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { compareDataGroups, type DataGroup, type DataGroupResult, dataGroupFields } from './data-groups.ts'
import { hasError, type IcaoFinding, icaoFinding } from './findings.ts'
import { countriesOfIssuingState, twoLetterCountry } from './issuing-states.ts'
import { issuingStateOfDg1 } from './mrz.ts'
import { parseAllowedSod } from './parse-allowed-sod.ts'
import { type SecurityObjectSummary, summaryOf } from './security-object-summary.ts'
import {
  allowedCompatibilities,
  type IcaoCompatibility,
  type IcaoSigner,
  icaoCompatibilities,
  type SignersVerdict,
  type SignerValidation,
  signerValidationFields,
  verifySigners,
} from './signers.ts'
import type { Sod } from './sod.ts'
import { compatibilitiesThatHelp } from './would-help.ts'

export interface PassiveAuthenticationInput extends SignerValidation {
  /** EF.SOD as read from the chip. */
  readonly sod: Uint8Array
  /** The data groups to compare, as read from the chip, tag and length included. */
  readonly dataGroups: readonly DataGroup[]
  /**
   * The issuing State whose CSCA must stand behind the document, as the MRZ writes it (`D<<`, `UTO`). `dg1`: the one that the DG1 names, which
   * must be presented. `any`: any State's CSCA will do, a mismatch is a warning; for callers that compare by other means. Default: as `dg1` where
   * DG1 is presented; without it there is a warning, since the State was not compared.
   */
  readonly issuingState?: string
}

/** The verdict on a travel document's chip. */
export interface PassiveAuthenticationVerdict {
  /** The signature and the signer's chain are valid, and every data group presented, at least one, has its signed hash. */
  readonly valid: boolean
  readonly profile: ProfileName
  /** Errors for an invalid verdict, those of the signer's chain among them; warnings may stand beside a valid one. */
  readonly findings: readonly IcaoFinding[]
  /** Null where the EF.SOD could not be read. */
  readonly securityObject: SecurityObjectSummary | null
  /** One result per data group that was signed or presented. */
  readonly dataGroups: readonly DataGroupResult[]
  readonly signers: readonly IcaoSigner[]
  /** Names of the compatibilities that were needed, not merely allowed. */
  readonly compatibility: readonly string[]
}

const profileName: ProfileName = 'icao-dsc'

/**
 * Passive authentication of a travel document (ICAO Doc 9303-11 §5.1): reads the EF.SOD, verifies its signature, validates the
 * document signer's certificate to the CSCA anchors under the profile `icao-dsc`, and compares every data group with its hash.
 *
 * Guarantees: whatever the bytes hold, the answer is a verdict. A document signer that the EF.SOD embeds is believed only under
 * an anchor. No data group presented is an error: nothing of the document was authenticated.
 *
 * @throws argument_invalid for a field that no options object has, a time that is none or a compatibility that is not known
 */
export function passiveAuthentication(input: PassiveAuthenticationInput): PassiveAuthenticationVerdict {
  refuseUnknown(passiveAuthenticationInputFields, input)
  refuseUnknownWithin(input)
  for (const [index, group] of input.dataGroups.entries()) refuseUnknown(dataGroupFields, group, `dataGroups.${index}`)
  const allowed = allowedCompatibilities(input)
  const verdict = judge(input, allowed)
  const help = compatibilitiesThatHelp(verdict, icaoCompatibilities, allowed, compatibilities =>
    judge({ ...input, compatibilities }, new Set(compatibilities)),
  )
  return help.length === 0 ? verdict : { ...verdict, findings: [...verdict.findings, ...help] }
}

function judge(
  input: PassiveAuthenticationInput,
  allowed: ReadonlySet<IcaoCompatibility>,
): PassiveAuthenticationVerdict {
  let sod: Sod
  try {
    sod = parseAllowedSod(input.sod, allowed)
  } catch (error) {
    if (!isPkiError(error)) throw error
    return unreadable(error)
  }
  const { sod: _sod, dataGroups: presented, issuingState, ...validation } = input
  const signature = verifySigners(sod.signedData, profileName, validation)
  const dataGroups = compareDataGroups(sod.securityObject, presented)
  const findings = [
    ...dataGroupFindings(dataGroups, presented),
    ...signature.findings,
    ...issuingStateFindings(issuingState, presented, signature),
  ]
  return {
    valid: !hasError(findings) && signature.signers.length > 0 && signature.signers.every(signer => signer.valid),
    profile: profileName,
    findings,
    securityObject: summaryOf(sod),
    dataGroups,
    signers: signature.signers,
    compatibility: [...sod.compatibility, ...signature.compatibility],
  }
}

function unreadable(error: PkiError): PassiveAuthenticationVerdict {
  return {
    valid: false,
    profile: profileName,
    findings: [icaoFinding('sod_malformed', error.message)],
    securityObject: null,
    dataGroups: [],
    signers: [],
    compatibility: [],
  }
}

export function dataGroupFindings(results: readonly DataGroupResult[], presented: readonly unknown[]): IcaoFinding[] {
  if (presented.length === 0) return [icaoFinding('data_groups_missing', 'no data group was presented')]
  return results.flatMap(({ number, status }) => {
    if (status === 'mismatch')
      return [icaoFinding('data_group_mismatch', `DG${number} has another hash than the signed one`)]
    if (status === 'not-signed')
      return [icaoFinding('data_group_not_signed', `the security object has no hash for DG${number}`)]
    return []
  })
}

/** Without this check any State could sign documents of any other: all CSCAs are anchors alike. */
function issuingStateFindings(
  asked: string | undefined,
  presented: readonly DataGroup[],
  { signers }: SignersVerdict,
): IcaoFinding[] {
  const severity = asked === 'any' ? 'warning' : 'error'
  if (asked !== undefined && asked !== 'any' && asked !== 'dg1') return compareState(asked, signers, severity)
  const dg1 = presented.filter(group => group.number === 1)
  if (dg1.length === 0) {
    const missing = asked === 'dg1' ? 'error' : 'warning'
    return [
      icaoFinding('issuing_state_unreadable', 'DG1 was not presented: the issuing State was not compared', missing),
    ]
  }
  return dg1.flatMap(({ content }) => {
    try {
      return compareState(issuingStateOfDg1(content), signers, severity)
    } catch (error) {
      if (!isPkiError(error)) throw error
      return [icaoFinding('issuing_state_unreadable', error.message, severity)]
    }
  })
}

function compareState(state: string, signers: readonly IcaoSigner[], severity: 'error' | 'warning'): IcaoFinding[] {
  if (countriesOfIssuingState(state) === undefined) {
    return [icaoFinding('issuing_state_unknown', `'${state.slice(0, 10)}'`, severity)]
  }
  // A signer without a certificate is refused for that already.
  return signers.flatMap(({ chain }) => (chain === null ? [] : compareStateOfChain(state, chain, severity)))
}

/** Whether the authority that a signer's path ends with is of the State that issued the document. */
export function compareStateOfChain(
  state: string,
  chain: Pick<Verdict, 'path'>,
  severity: 'error' | 'warning',
): IcaoFinding[] {
  const countries = countriesOfIssuingState(state)
  if (countries === undefined) return [icaoFinding('issuing_state_unknown', `'${state.slice(0, 10)}'`, severity)]
  const country = countryOfAuthority(chain)
  if (country !== undefined && countries.includes(twoLetterCountry(country))) return []
  const message = `the document is of ${state}, its signer’s authority of ${country ?? 'no country'}`
  return [icaoFinding('issuing_state_mismatch', message, severity)]
}

/** The country of the authority that the path ends with: the issuer of its last certificate is the anchor. */
function countryOfAuthority({ path }: Pick<Verdict, 'path'>): string | undefined {
  try {
    return path.at(-1)?.issuer.values(oids.countryName)[0]?.trim().toUpperCase()
  } catch (error) {
    if (!isPkiError(error)) throw error
    return undefined
  }
}

export const passiveAuthenticationInputFields = optionFields<PassiveAuthenticationInput>({
  ...signerValidationFields,
  sod: 1,
  dataGroups: 1,
  issuingState: 1,
})
