import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { derWriter as der, oids } from '@mmf/pki'

/** Who signs: the subject of its certificate, and its key. */
export interface Issuer {
  readonly commonName: string
  readonly key: KeyPair
}

export interface KeyPair {
  readonly privateKey: KeyObject
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export interface Wanted {
  readonly commonName: string
  readonly key: KeyPair
  readonly notBefore: Date
  readonly notAfter: Date
  readonly usage: 'authority' | 'server' | 'client'
  /** Names and addresses that a server answers at. */
  readonly hosts?: readonly string[]
}

/** A key on P-256, which every client of TLS knows. */
export function newKey(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, spki: publicKey.export({ format: 'der', type: 'spki' }) }
}

/** A certificate for development, signed with ECDSA and SHA-256 (RFC 5280 §4.1). */
export function issueCertificate(wanted: Wanted, issuer: Issuer): Uint8Array {
  const tbs = der.sequence(
    der.explicit(0, der.integer(2)),
    // 127 random bits (RFC 5280 §4.1.2.2: positive, at most 20 octets).
    der.integer(Uint8Array.from(randomBytes(16), (octet, index) => (index === 0 ? (octet & 0x7f) | 0x40 : octet))),
    ecdsaWithSha256,
    nameOf(issuer.commonName),
    der.sequence(der.time(wanted.notBefore), der.time(wanted.notAfter)),
    nameOf(wanted.commonName),
    der.raw(wanted.key.spki),
    der.explicit(3, der.sequence(...extensionsOf(wanted, issuer))),
  )
  const signature = sign('sha256', tbs, issuer.key.privateKey)
  return der.sequence(tbs, ecdsaWithSha256, der.bitString(signature))
}

const ecdsaWithSha256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))

const nameOf = (commonName: string) =>
  der.sequence(der.set(der.sequence(der.oid(oids.commonName), der.utf8String(commonName))))

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value))
}

function extensionsOf({ usage, key, hosts = [] }: Wanted, issuer: Issuer): Uint8Array[] {
  const isAuthority = usage === 'authority'
  // RFC 5280 §4.2.1.3: 0 is digitalSignature, 5 keyCertSign, 6 cRLSign.
  const keyUsage = isAuthority ? der.namedBits(5, 6) : der.namedBits(0)
  return [
    extension('2.5.29.19', isAuthority ? der.sequence(der.boolean(true), der.integer(0)) : der.sequence(), isAuthority),
    extension('2.5.29.15', keyUsage, true),
    extension('2.5.29.14', der.octetString(keyIdentifier(key))),
    extension('2.5.29.35', der.sequence(der.contextPrimitive(0, keyIdentifier(issuer.key)))),
    ...(isAuthority
      ? []
      : [extension('2.5.29.37', der.sequence(der.oid(usage === 'server' ? oids.serverAuth : oids.clientAuth)))]),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.17', der.sequence(...hosts.map(hostName)))]),
  ]
}

/** RFC 7093 §2 (1): the leftmost 160 bits of SHA-256 over the point, which a key on P-256 ends with. */
const keyIdentifier = ({ spki }: KeyPair) => createHash('sha256').update(spki.subarray(-65)).digest().subarray(0, 20)

/** RFC 5280 §4.2.1.6: [2] is a DNS name, [7] an address. */
function hostName(host: string): Uint8Array {
  const address = octetsOf(host)
  return address === undefined ? der.contextPrimitive(2, Buffer.from(host)) : der.contextPrimitive(7, address)
}

function octetsOf(host: string): Uint8Array | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return Uint8Array.from(host.split('.').map(Number))
  if (host === '::1') return Uint8Array.from({ length: 16 }, (_, index) => (index === 15 ? 1 : 0))
  return undefined
}
