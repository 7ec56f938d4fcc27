import { type AccessDescription, type Certificate, CertificateList, type DistributionPoint, oids } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'

/** Addresses of one certificate, or list, that are tried. An honest one has two or three. */
const maxAddresses = 8

/** Addresses of the same thing, in the order in which they are tried. */
export type Mirrors = readonly string[]

/**
 * Where the CRLs for a certificate are, one entry for each distribution point, and the delta CRLs to them (RFC 5280 §4.2.1.13, §4.2.1.15); of a
 * CRL, where the delta CRLs to it are (§5.2.6).
 */
export function crlAddresses(of: Certificate | CertificateList): readonly Mirrors[] {
  const points =
    of instanceof CertificateList
      ? [() => of.freshestCrl]
      : [() => of.decode(oids.cRLDistributionPoints), () => of.decode(oids.freshestCRL)]
  return points
    .flatMap(read => decoded(read) ?? [])
    .map(mirrorsOf)
    .filter(mirrors => mirrors.length > 0)
    .slice(0, maxAddresses)
}

/** Where an OCSP responder answers for a certificate (RFC 5280 §4.2.2.1). */
export function ocspAddresses(certificate: Certificate): Mirrors {
  return accessAddresses(() => certificate.decode(oids.authorityInfoAccess), oids.ocsp)
}

/** Where the certificate of who issued a certificate (RFC 5280 §4.2.2.1), or signed a CRL (§5.2.7), is. */
export function issuerAddresses(of: Certificate | CertificateList): Mirrors {
  const read = () => (of instanceof CertificateList ? of.authorityInfoAccess : of.decode(oids.authorityInfoAccess))
  return accessAddresses(read, oids.caIssuers)
}

/** LDAP and the like are not asked; a name relative to the CRL issuer is a place in a directory, not an address. */
const isHttp = (uri: string): boolean => /^https?:\/\//i.test(uri) && uri.length <= 2000

function mirrorsOf({ name }: DistributionPoint): Mirrors {
  if (name?.kind !== 'fullName') return []
  return name.names.flatMap(one => (one.kind === 'uniformResourceIdentifier' && isHttp(one.value) ? [one.value] : []))
}

function accessAddresses(read: () => readonly AccessDescription[] | undefined, wanted: string): Mirrors {
  const found = (decoded(read) ?? []).flatMap(({ method, location }) =>
    method === wanted && location.kind === 'uniformResourceIdentifier' && isHttp(location.value)
      ? [location.value]
      : [],
  )
  return found.slice(0, maxAddresses)
}
