import { createHash } from 'node:crypto'
import { oids } from '../der/oid-names.ts'
import { parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readBitString } from '../der/values.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import { expectSequence } from '../x509/extensions/expect.ts'
import type { OcspCertId } from './ocsp-response.ts'

/** Digests a CertID may use (RFC 6960 §4.1.1): OID to the runtime's name. */
const certIdDigests: Readonly<Record<string, string>> = {
  [oids.sha1]: 'sha1',
  [oids.sha224]: 'sha224',
  [oids.sha256]: 'sha256',
  [oids.sha384]: 'sha384',
  [oids.sha512]: 'sha512',
  [oids['sha3-256']]: 'sha3-256',
  [oids['sha3-384']]: 'sha3-384',
  [oids['sha3-512']]: 'sha3-512',
}

/** The octets of subjectPublicKey, without tag, length and unused bits: what key hashes are computed over. @throws der_malformed */
export function publicKeyBits(spki: Uint8Array): Uint8Array {
  const reader = expectSequence(parseDer(spki))
  reader.next(tags.SEQUENCE)
  return readBitString(reader.next(tags.BIT_STRING)).bytes
}

/**
 * Recognises the CertIDs of one certificate. A CertID hashes the issuer's name as it stands in the certificate, and the issuer's key;
 * both hashes are computed once for each digest that occurs.
 */
export class CertIdMatcher {
  readonly #certificate: Certificate
  readonly #issuerKey: Uint8Array
  readonly #hashes = new Map<string, { readonly name: Uint8Array; readonly key: Uint8Array } | undefined>()

  /** @param spki the issuer's DER SubjectPublicKeyInfo @throws der_malformed */
  constructor(certificate: Certificate, spki: Uint8Array) {
    this.#certificate = certificate
    this.#issuerKey = publicKeyBits(spki)
  }

  /** False also for a digest that is not known. */
  matches(id: OcspCertId): boolean {
    if (!bytesEqual(id.serialNumber, this.#certificate.serialNumber)) return false
    if (!this.#hashes.has(id.hashAlgorithm)) this.#hashes.set(id.hashAlgorithm, this.#hash(id.hashAlgorithm))
    const expected = this.#hashes.get(id.hashAlgorithm)
    return (
      expected !== undefined &&
      bytesEqual(id.issuerNameHash, expected.name) &&
      bytesEqual(id.issuerKeyHash, expected.key)
    )
  }

  #hash(algorithm: string): { readonly name: Uint8Array; readonly key: Uint8Array } | undefined {
    const digest = certIdDigests[algorithm]
    if (digest === undefined) return undefined
    const hash = (bytes: Uint8Array) => createHash(digest).update(bytes).digest()
    return { name: hash(this.#certificate.issuer.raw), key: hash(this.#issuerKey) }
  }
}
