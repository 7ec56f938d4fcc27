import { createHash } from 'node:crypto'
import * as der from '../der/writer.ts'
import type { TestKey } from './keys.ts'
import { type GeneralNameInput, generalName, generalNames, rdn } from './names.ts'

/** DER Extension; DEFAULT FALSE is left out. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const parts = critical ? [der.boolean(true)] : []
  return der.sequence(der.oid(oid), ...parts, der.octetString(value))
}

const keyUsageBitList = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type TestKeyUsage = (typeof keyUsageBitList)[number]

export function keyUsage(usages: readonly TestKeyUsage[], critical = true): Uint8Array {
  return extension('2.5.29.15', der.namedBits(...usages.map(usage => keyUsageBitList.indexOf(usage))), critical)
}

export function basicConstraints(
  options: { ca?: boolean; pathLength?: number; critical?: boolean } = { ca: true },
): Uint8Array {
  const fields: Uint8Array[] = []
  if (options.ca) fields.push(der.boolean(true))
  if (options.pathLength !== undefined) fields.push(der.integer(options.pathLength))
  return extension('2.5.29.19', der.sequence(...fields), options.critical ?? true)
}

export const ekuOid = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  masterListSigning: '2.23.136.1.1.3',
} as const

export function extendedKeyUsage(
  usages: readonly (keyof typeof ekuOid | (string & {}))[],
  critical = false,
): Uint8Array {
  const oids = usages.map(usage => (ekuOid as Readonly<Record<string, string>>)[usage] ?? usage)
  return extension('2.5.29.37', der.sequence(...oids.map(der.oid)), critical)
}

/** Method 1 of RFC 5280 §4.2.1.2: SHA-1 over the BIT STRING content of the key. */
function keyIdentifier(key: TestKey): Uint8Array {
  return new Uint8Array(createHash('sha1').update(publicKeyBits(key.spki)).digest())
}

/** The subjectPublicKey octets of a SubjectPublicKeyInfo, without tag, length and unused bits. */
export function publicKeyBits(spki: Uint8Array): Uint8Array {
  const header = (at: number) => {
    const first = spki[at + 1] ?? 0
    if (first < 0x80) return { content: at + 2, size: first }
    let size = 0
    for (let index = 0; index < (first & 0x7f); index++) size = size * 256 + (spki[at + 2 + index] ?? 0)
    return { content: at + 2 + (first & 0x7f), size }
  }
  const algorithm = header(header(0).content)
  const bits = header(algorithm.content + algorithm.size)
  return spki.subarray(bits.content + 1, bits.content + bits.size)
}

export function subjectKeyIdentifier(key: TestKey | Uint8Array): Uint8Array {
  return extension('2.5.29.14', der.octetString(key instanceof Uint8Array ? key : keyIdentifier(key)))
}

export interface AuthorityKeyIdentifierInput {
  readonly key?: TestKey | Uint8Array
  readonly issuer?: readonly GeneralNameInput[]
  readonly serial?: number | bigint
}

export function authorityKeyIdentifier(input: AuthorityKeyIdentifierInput): Uint8Array {
  const fields: Uint8Array[] = []
  if (input.key !== undefined) {
    const id = input.key instanceof Uint8Array ? input.key : keyIdentifier(input.key)
    fields.push(der.implicit(0, der.octetString(id)))
  }
  if (input.issuer !== undefined) fields.push(der.implicit(1, generalNames(input.issuer)))
  if (input.serial !== undefined) fields.push(der.implicit(2, der.integer(input.serial)))
  return extension('2.5.29.35', der.sequence(...fields))
}

export function subjectAltName(names: readonly GeneralNameInput[], critical = false): Uint8Array {
  return extension('2.5.29.17', generalNames(names), critical)
}

export function issuerAltName(names: readonly GeneralNameInput[], critical = false): Uint8Array {
  return extension('2.5.29.18', generalNames(names), critical)
}

export function nameConstraints(
  input: { permitted?: readonly GeneralNameInput[]; excluded?: readonly GeneralNameInput[] },
  critical = true,
): Uint8Array {
  const subtrees = (names: readonly GeneralNameInput[]) => der.sequence(...names.map(n => der.sequence(generalName(n))))
  const fields: Uint8Array[] = []
  if (input.permitted !== undefined) fields.push(der.implicit(0, subtrees(input.permitted)))
  if (input.excluded !== undefined) fields.push(der.implicit(1, subtrees(input.excluded)))
  return extension('2.5.29.30', der.sequence(...fields), critical)
}

export const anyPolicyOid = '2.5.29.32.0'

export function certificatePolicies(policies: readonly string[], critical = false): Uint8Array {
  return extension('2.5.29.32', der.sequence(...policies.map(policy => der.sequence(der.oid(policy)))), critical)
}

export function policyMappings(mappings: readonly (readonly [string, string])[], critical = true): Uint8Array {
  const pairs = mappings.map(([issuer, subject]) => der.sequence(der.oid(issuer), der.oid(subject)))
  return extension('2.5.29.33', der.sequence(...pairs), critical)
}

export function policyConstraints(
  input: { requireExplicitPolicy?: number; inhibitPolicyMapping?: number },
  critical = true,
): Uint8Array {
  const fields: Uint8Array[] = []
  if (input.requireExplicitPolicy !== undefined) {
    fields.push(der.implicit(0, der.integer(input.requireExplicitPolicy)))
  }
  if (input.inhibitPolicyMapping !== undefined) fields.push(der.implicit(1, der.integer(input.inhibitPolicyMapping)))
  return extension('2.5.29.36', der.sequence(...fields), critical)
}

export function inhibitAnyPolicy(skipCertificates: number, critical = true): Uint8Array {
  return extension('2.5.29.54', der.integer(skipCertificates), critical)
}

/** DistributionPointName: full names, or the part below the CRL issuer's name. */
export type DistributionPointNameInput =
  | { readonly fullName: readonly GeneralNameInput[] }
  | { readonly relativeName: string }

export function distributionPointName(input: DistributionPointNameInput): Uint8Array {
  const choice =
    'fullName' in input ? der.implicit(0, generalNames(input.fullName)) : der.implicit(1, rdn(input.relativeName))
  return der.explicit(0, choice)
}

/** ReasonFlags and CRLReason share their names (RFC 5280 §4.2.1.13 and §5.3.1); bit 0 is unused. */
const reasonBits = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const
export type TestReasonFlag = Exclude<(typeof reasonBits)[number], 'unused'>

export function reasonFlags(tag: number, reasons: readonly TestReasonFlag[]): Uint8Array {
  return der.implicit(tag, der.namedBits(...reasons.map(reason => reasonBits.indexOf(reason))))
}

export interface DistributionPointInput {
  readonly name?: DistributionPointNameInput
  readonly reasons?: readonly TestReasonFlag[]
  readonly crlIssuer?: readonly GeneralNameInput[]
}

function distributionPoints(points: readonly DistributionPointInput[]): Uint8Array {
  const encoded = points.map(point => {
    const fields: Uint8Array[] = []
    if (point.name !== undefined) fields.push(distributionPointName(point.name))
    if (point.reasons !== undefined) fields.push(reasonFlags(1, point.reasons))
    if (point.crlIssuer !== undefined) fields.push(der.implicit(2, generalNames(point.crlIssuer)))
    return der.sequence(...fields)
  })
  return der.sequence(...encoded)
}

export function crlDistributionPoints(points: readonly DistributionPointInput[], critical = false): Uint8Array {
  return extension('2.5.29.31', distributionPoints(points), critical)
}

export function freshestCrl(points: readonly DistributionPointInput[]): Uint8Array {
  return extension('2.5.29.46', distributionPoints(points))
}

export function authorityInfoAccess(entries: readonly { method: 'ocsp' | 'caIssuers'; uri: string }[]): Uint8Array {
  const methods = { ocsp: '1.3.6.1.5.5.7.48.1', caIssuers: '1.3.6.1.5.5.7.48.2' }
  const encoded = entries.map(entry => der.sequence(der.oid(methods[entry.method]), generalName({ uri: entry.uri })))
  return extension('1.3.6.1.5.5.7.1.1', der.sequence(...encoded))
}

/** id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1). */
export function ocspNoCheck(): Uint8Array {
  return extension('1.3.6.1.5.5.7.48.1.5', der.nullValue())
}

/** noRevAvail (RFC 9608 §2). */
export function noRevAvail(critical = false): Uint8Array {
  return extension('2.5.29.56', der.nullValue(), critical)
}

/** An extension nobody knows. */
export function unknownExtension(critical: boolean): Uint8Array {
  return extension('1.3.6.1.4.1.55555.1.1', der.nullValue(), critical)
}
