import { createHash } from 'node:crypto'
import { derWriter as der, type Name, oids, parseName } from '@mmf/pki'
import { NameSyntaxError, parseDistinguishedName, type TextAttribute } from './distinguished-name.ts'

/** Short names of RFC 4514 §3 and RFC 4519, and what tools write beside them; everything else by the name in the table of OIDs. */
const shortNames: Readonly<Record<string, string>> = {
  cn: oids.commonName,
  l: oids.localityName,
  st: oids.stateOrProvinceName,
  s: oids.stateOrProvinceName,
  o: oids.organizationName,
  ou: oids.organizationalUnitName,
  c: oids.countryName,
  street: oids.streetAddress,
  dc: oids.domainComponent,
  uid: oids.userId,
  sn: oids.surname,
  e: oids.emailAddress,
}

const oidsByName: ReadonlyMap<string, string> = new Map([
  ...Object.entries(oids).map(([name, oid]) => [name.toLowerCase(), oid] as const),
  ...Object.entries(shortNames),
])

/**
 * The name that a text in the form of RFC 4514 means. Its string types are not known, and do not count where names are compared.
 * @throws {NameSyntaxError}; name_malformed for a value given in hexadecimal that is no encoding
 */
export function nameFromText(text: string): Name {
  const rdns = parseDistinguishedName(text).toReversed()
  return parseName(der.sequence(...rdns.map(rdn => der.set(...rdn.map(attribute)))))
}

function attribute({ type, value, hex }: TextAttribute): Uint8Array {
  const oid = /^\d/.test(type) ? type : oidsByName.get(type.toLowerCase())
  if (oid === undefined) throw new NameSyntaxError(`attribute type ${JSON.stringify(type.slice(0, 40))} is unknown`, 0)
  try {
    return der.sequence(der.oid(oid), hex ?? der.utf8String(value))
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof RangeError)
      throw new NameSyntaxError(`type ${type} is no OID`, 0)
    throw cause
  }
}

/** Identifies a certificate by the key of its issuer and its serial number (RFC 5280 §4.1.2.2), lower-case hex. */
export function issuerSerialKey(issuerKey: string, serialNumber: string): string {
  const serial = serialNumber.replace(/^(?:00)+(?=.)/, '')
  return createHash('sha256').update(`${issuerKey}:${serial}`).digest('hex')
}
