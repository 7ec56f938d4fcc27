import { createHash } from 'node:crypto'
import { type Certificate, isPkiError, type Name, oids } from '@mmf/pki'
import type { TrustCertificateRow } from '../tables/trust-certificates.ts'

/** Where entries of subjects without a country lie. */
export const noRegion = '--'

/** The partition and the prefix of the entries of one subject. */
export interface SubjectKey {
  readonly region: string
  readonly subjectHash: string
}

/** DynamoDB's row limit less room for the other columns. */
const maxDerBytes = 300 * 1024

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

/**
 * Equal for names that RFC 5280 §7.1 calls equal: the hash is the key of the name, and the region follows from it.
 * Undefined for a name that cannot be decoded.
 */
export function subjectKey(name: Name): SubjectKey | undefined {
  try {
    return { region: regionOf(name), subjectHash: name.key }
  } catch (error) {
    if (isPkiError(error)) return undefined
    throw error
  }
}

/** Prepared as names are compared (RFC 4518: compatibility forms are one), so that equal names have equal regions. */
function regionOf(name: Name): string {
  const countries = name.values(oids.countryName).map(text => text.normalize('NFKC').trim().toUpperCase())
  return countries.filter(country => /^[A-Z]{2}$/.test(country)).sort()[0] ?? noRegion
}

/** Doc 9303-12 §7.1.1.1: the country of the subject, upper case as states write it both ways; undefined where there is none. */
export function countryOf(name: Name): string | undefined {
  try {
    return name.values(oids.countryName)[0]?.trim().toUpperCase()
  } catch (error) {
    if (isPkiError(error)) return undefined
    throw error
  }
}

/** SHA-256 over the SubjectPublicKeyInfo: with the subject, what RFC 5280 calls an entity. */
export const keyHashOf = (certificate: Certificate): string => sha256(certificate.subjectPublicKeyInfo.raw)

/** The content-addressed row of a certificate. */
export function certificateRow(certificate: Certificate, key: SubjectKey): TrustCertificateRow {
  const { subject, issuer, serialNumber } = certificate.toJSON()
  return {
    fingerprint: certificate.fingerprint,
    ...(certificate.der.length > maxDerBytes ? {} : { der: certificate.der }),
    ...key,
    subject,
    issuer,
    serialNumber,
  }
}
