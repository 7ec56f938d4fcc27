import { formatIpAddress, type GeneralName, isPkiError, type Name, oidName } from '@mmf/pki'

/** Plain data of a report: printed as JSON or as text. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** An object identifier with its name, where it has one. */
export function namedOid(oid: string): string {
  const name = oidName(oid)
  return name === oid ? oid : `${name} (${oid})`
}

export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A name in the notation that OpenSSL and others use for alternative names. */
export function generalName(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
      return `DNS:${name.value}`
    case 'rfc822Name':
      return `email:${name.value}`
    case 'uniformResourceIdentifier':
      return `URI:${name.value}`
    case 'iPAddress':
      return `IP:${ipText(name.value)}`
    case 'directoryName':
      return `directory:${nameText(name.value)}`
    case 'registeredID':
      return `registered id:${name.value}`
    case 'otherName':
      return `other name ${namedOid(name.typeId)}:${hex(name.value)}`
    default:
      return `${name.kind}:${hex(name.value)}`
  }
}

/** An address, or in a constraint an address and its mask (RFC 5280 §4.2.1.10). */
function ipText(octets: Uint8Array): string {
  if (octets.length === 4 || octets.length === 16) return formatIpAddress(octets)
  if (octets.length !== 8 && octets.length !== 32) return hex(octets)
  const half = octets.length / 2
  return `${formatIpAddress(octets.subarray(0, half))}/${formatIpAddress(octets.subarray(half))}`
}

export const nameText = (name: Name): string => readable(() => (name.isEmpty ? '(empty)' : name.toString()))

/** What `read` gives; what cannot be decoded says why in its place, so that the rest can still be shown. */
export function readable(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (!isPkiError(error)) throw error
    return `(MALFORMED: ${error.message})`
  }
}

/** ReasonFlags (RFC 5280 §4.2.1.13), bit by bit. */
const reasonFlags = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
]

export const reasonNames = (mask: number): readonly string[] =>
  reasonFlags.filter((_, bit) => (mask & (1 << bit)) !== 0)

/** The moment in a validity: what a person looks for first. */
export function validityState(notBefore: number, notAfter: number, now: number): string {
  const days = (milliseconds: number) => `${Math.floor(Math.abs(milliseconds) / 86_400_000)} days`
  if (now < notBefore) return `not yet valid, for ${days(notBefore - now)}`
  return now > notAfter ? `expired ${days(now - notAfter)} ago` : `valid for ${days(notAfter - now)} more`
}
