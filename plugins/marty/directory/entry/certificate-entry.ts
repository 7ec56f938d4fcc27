import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import { type Certificate, oids, parseCertificate } from '@mmf/pki'
import { issuerSerialKey } from '../../certificates/names/name-key.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'
import { boundedHex, boundedName, rowLimits } from './bounded.ts'
import { EntryRefused, refusing } from './entry-refused.ts'

/** Larger certificates are refused: a row ends at 400 KB. The largest in use, with a post-quantum signature, have about 55 KB. */
const maxCertificateBytes = 128 * 1024

/** What a row says of the certificate itself. */
export type CertificateFields = Pick<
  PublicKeyRow,
  | 'fingerprint'
  | 'kind'
  | 'subject'
  | 'issuer'
  | 'subjectKey'
  | 'issuerSerial'
  | 'serialNumber'
  | 'keyIdentifier'
  | 'country'
  | 'certificate'
  | 'notBefore'
  | 'notAfter'
>

/** @throws {EntryRefused} */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateBytes) {
    throw new EntryRefused('certificate_too_large', `${der.length} bytes, at most ${maxCertificateBytes}`)
  }
  return refusing('certificate_malformed', () => parseCertificate(der))
}

/**
 * The fields of a row that follow from the certificate.
 * @throws {EntryRefused} where a name, the key identifier or the key usage cannot be read
 */
export function certificateFields(certificate: Certificate): CertificateFields {
  return refusing('certificate_malformed', () => {
    const { subject, issuer, fingerprint } = certificate
    const serialNumber = boundedHex(certificate.serialNumber, rowLimits.numberBytes)
    const country = countryOf(certificate)
    return {
      fingerprint,
      kind: kindOf(certificate),
      subject: boundedName(subject),
      issuer: boundedName(issuer),
      subjectKey: subject.key,
      issuerSerial: issuerSerialKey(issuer.key, serialNumber),
      serialNumber,
      keyIdentifier: keyIdentifierOf(certificate),
      ...defined({ country }),
      certificate: certificate.der,
      notBefore: new Date(certificate.notBefore).toISOString(),
      notAfter: new Date(certificate.notAfter).toISOString(),
    }
  })
}

/** A CA is a CSCA; a purpose of its own makes a signer of master lists (Doc 9303-12 §7.1.1); the others sign documents. */
export function kindOf(certificate: Certificate): CertificateFields['kind'] {
  if (certificate.basicConstraints?.ca === true) return 'csca'
  return certificate.extendedKeyUsage?.includes(oids.cscaMasterListSigningKey) === true ? 'master_list_signer' : 'dsc'
}

/** Doc 9303-12 §7.1.1.1: countryName, in upper case. The issuer's counts where the subject has none. */
export function countryOf({ subject, issuer }: Pick<Certificate, 'subject' | 'issuer'>): string | undefined {
  const [country] = [...subject.values(oids.countryName), ...issuer.values(oids.countryName)]
  const upper = country?.toUpperCase()
  return upper !== undefined && /^[A-Z]{2,3}$/.test(upper) ? upper : undefined
}

function keyIdentifierOf(certificate: Certificate): string {
  const given = certificate.subjectKeyIdentifier
  if (given !== undefined && given.length > 0) return boundedHex(given, rowLimits.keyIdentifierBytes)
  return createHash('sha1').update(certificate.subjectPublicKeyInfo.publicKey.bytes).digest('hex')
}
