import { verifySignedData } from '../cms/verify-signed-data.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { profileByName } from '../profiles/profiles.ts'
import type { Certificate } from '../x509/certificate.ts'
import { compareDataGroupHashes, type DataGroupResult } from './data-groups.ts'
import { fromCms, type IcaoFinding, icaoFinding } from './findings.ts'
import type { DataGroupHash } from './lds-security-object.ts'
import { parseAllowedSod } from './parse-allowed-sod.ts'
import { dataGroupFindings } from './passive-authentication.ts'
import { type SecurityObjectSummary, summaryOf } from './security-object-summary.ts'
import { allowedCompatibilities, forbiddenAlgorithm, type IcaoCompatibility } from './signers.ts'
import type { Sod } from './sod.ts'

export interface ExamineDocumentInput {
  /** EF.SOD as read from the chip. */
  readonly sod: Uint8Array
  /** The hashes of the data groups that were read, under the hash algorithm of the security object. */
  readonly dataGroupHashes: readonly DataGroupHash[]
  /** The certificate of the document signer. Nothing is believed of it: its chain is validated elsewhere. */
  readonly signer: Certificate
  readonly compatibilities?: readonly IcaoCompatibility[]
}

/** What an EF.SOD shows by itself; whether its signer is to be believed is the business of a chain. */
export interface ExaminedDocument {
  readonly findings: readonly IcaoFinding[]
  /** Null where the EF.SOD could not be read. */
  readonly securityObject: SecurityObjectSummary | null
  readonly dataGroups: readonly DataGroupResult[]
  /** Claimed by the signer; RFC 3339. */
  readonly signingTime: string | null
  /** Names of the compatibilities that were needed, not merely allowed. */
  readonly compatibility: readonly string[]
}

/**
 * The part of passive authentication (ICAO Doc 9303-11 §5.1) that needs no anchors: the signature of an EF.SOD under the certificate of one
 * signer, and the hashes of data groups. A valid document also needs a valid chain of that certificate.
 *
 * @throws argument_invalid
 */
export function examineDocument(input: ExamineDocumentInput): ExaminedDocument {
  refuseUnknown(examineDocumentInputFields, input)
  const allowed = allowedCompatibilities(input)
  let sod: Sod
  try {
    sod = readSodOfOneSigner(input.sod, input.compatibilities)
  } catch (error) {
    if (!isPkiError(error)) throw error
    const findings = [icaoFinding('sod_malformed', error.message)]
    return { findings, securityObject: null, dataGroups: [], signingTime: null, compatibility: [] }
  }
  const profile = profileByName('icao-dsc')
  // The embedded certificates are left out: the signature must verify under the certificate whose chain is validated.
  const content = verifySignedData(
    { ...sod.signedData, certificates: [] },
    {
      certificates: [input.signer],
      tolerant: allowed.has('cms-tolerant'),
      policy: {
        explicitCurves: profile.keys.explicitCurves,
        digestInfoWithoutNull: allowed.has('rsa-digestinfo-without-null'),
      },
    },
  )
  const dataGroups = compareDataGroupHashes(sod.securityObject, input.dataGroupHashes)
  const signing = content.signers.map(({ signingTime }) => signingTime).find(time => time !== undefined)
  return {
    findings: [
      ...dataGroupFindings(dataGroups, input.dataGroupHashes),
      ...content.findings.map(fromCms),
      ...content.signers.flatMap(signer => [...signer.findings.map(fromCms), ...forbiddenAlgorithm(signer, profile)]),
    ],
    securityObject: summaryOf(sod),
    dataGroups,
    signingTime: signing === undefined ? null : new Date(signing).toISOString(),
    compatibility: [...sod.compatibility, ...content.compatibility],
  }
}

/**
 * Reads an EF.SOD that has exactly one signer.
 *
 * @throws what `parseSod` throws; sod_malformed for none and for several signers, of which each could speak for another State
 */
export function readSodOfOneSigner(bytes: Uint8Array, compatibilities: readonly IcaoCompatibility[] = []): Sod {
  const allowed = allowedCompatibilities({ compatibilities })
  const sod = parseAllowedSod(bytes, allowed)
  const { length } = sod.signedData.signerInfos
  if (length !== 1) throw new PkiError('sod_malformed', `${length} signers, not one`)
  return sod
}

export const examineDocumentInputFields = optionFields<ExamineDocumentInput>({
  sod: 1,
  dataGroupHashes: 1,
  signer: 1,
  compatibilities: 1,
})
