import { tags } from '../der/tags.ts'
import * as der from '../der/writer.ts'
import {
  type DistributionPointNameInput,
  distributionPointName,
  extension,
  reasonFlags,
  type TestReasonFlag,
} from './extensions.ts'
import type { TestKey } from './keys.ts'
import { type GeneralNameInput, generalNames, type NameInput, name } from './names.ts'
import {
  defaultAlgorithm,
  type SigningAlgorithmName,
  type SigningOptions,
  signed,
  signingAlgorithms,
} from './signing.ts'
import { testDay } from './times.ts'

export function crlNumber(value: number | bigint): Uint8Array {
  return extension('2.5.29.20', der.integer(value))
}

/** deltaCRLIndicator: the number of the complete CRL this delta starts from (RFC 5280 §5.2.4). */
export function deltaCrlIndicator(baseNumber: number | bigint, critical = true): Uint8Array {
  return extension('2.5.29.27', der.integer(baseNumber), critical)
}

export interface IssuingDistributionPointInput {
  readonly name?: DistributionPointNameInput
  readonly onlyContainsUserCerts?: boolean
  readonly onlyContainsCACerts?: boolean
  readonly onlySomeReasons?: readonly TestReasonFlag[]
  readonly indirectCrl?: boolean
  readonly onlyContainsAttributeCerts?: boolean
}

export function issuingDistributionPoint(input: IssuingDistributionPointInput, critical = true): Uint8Array {
  const fields: Uint8Array[] = []
  const flag = (tag: number, on: boolean | undefined) => {
    if (on) fields.push(der.implicit(tag, der.boolean(true)))
  }
  if (input.name !== undefined) fields.push(distributionPointName(input.name))
  flag(1, input.onlyContainsUserCerts)
  flag(2, input.onlyContainsCACerts)
  if (input.onlySomeReasons !== undefined) fields.push(reasonFlags(3, input.onlySomeReasons))
  flag(4, input.indirectCrl)
  flag(5, input.onlyContainsAttributeCerts)
  return extension('2.5.29.28', der.sequence(...fields), critical)
}

/** CRLReason values (RFC 5280 §5.3.1); 7 is not used. */
export const reasonCodes = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const
export type TestReason = keyof typeof reasonCodes

export function reasonCode(reason: TestReason | number): Uint8Array {
  return extension('2.5.29.21', der.enumerated(typeof reason === 'number' ? reason : reasonCodes[reason]))
}

export function invalidityDate(at: Date): Uint8Array {
  return extension('2.5.29.24', der.generalizedTime(at))
}

/** certificateIssuer of an indirect CRL's entry; holds for the entries that follow too (RFC 5280 §5.3.3). */
export function certificateIssuer(names: readonly GeneralNameInput[], critical = true): Uint8Array {
  return extension('2.5.29.29', generalNames(names), critical)
}

interface CrlEntryInput {
  readonly serial: number | bigint | Uint8Array
  /** Default: ten days before testTime. */
  readonly revocationDate?: Date
  readonly extensions?: readonly Uint8Array[]
}

export interface CrlTemplate extends SigningOptions {
  readonly issuer: NameInput
  readonly signer: TestKey
  /** Default: a day before testTime. */
  readonly thisUpdate?: Date
  /** Default: a week after testTime; null leaves it out. */
  readonly nextUpdate?: Date | null
  readonly entries?: readonly CrlEntryInput[]
  readonly extensions?: readonly Uint8Array[]
  /** 1 or 2. Default 2. */
  readonly version?: number
  /** What the AlgorithmIdentifier inside the signed part says, where it shall differ from the one outside. */
  readonly innerAlgorithm?: SigningAlgorithmName
}

function entry(input: CrlEntryInput): Uint8Array {
  const { extensions = [] } = input
  return der.sequence(
    der.integer(input.serial),
    der.time(input.revocationDate ?? testDay(-10)),
    ...(extensions.length === 0 ? [] : [der.sequence(...extensions)]),
  )
}

/** A DER CertificateList, really signed. */
export function issueCrl(template: CrlTemplate): Uint8Array {
  const { entries = [], extensions = [], version = 2, nextUpdate = testDay(7) } = template
  const algorithm =
    template.identifier ??
    signingAlgorithms[template.innerAlgorithm ?? template.algorithm ?? defaultAlgorithm(template.signer)].identifier
  const tbs = der.sequence(
    ...(version === 1 ? [] : [der.integer(version - 1)]),
    algorithm,
    name(template.issuer),
    der.time(template.thisUpdate ?? testDay(-1)),
    ...(nextUpdate === null ? [] : [der.time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [der.tlv(tags.SEQUENCE, Buffer.concat(entries.map(entry)))]),
    ...(extensions.length === 0 ? [] : [der.explicit(0, der.sequence(...extensions))]),
  )
  return signed(tbs, template.signer, template)
}
