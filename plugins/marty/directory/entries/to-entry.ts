import { defined } from '@mmf/framework'
import { parseCertificate } from '@mmf/pki'
import type { DirectoryEntry } from '../schemas.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'

/** A row as readers see it: without what only serves indexes, with the public key taken out of the certificate. */
export function toEntry(row: PublicKeyRow): DirectoryEntry {
  const { fingerprint, status, kind, collection, subject, issuer, serialNumber, keyIdentifier } = row
  return {
    fingerprint,
    status,
    kind,
    collection,
    subject,
    issuer,
    serialNumber,
    keyIdentifier,
    ...defined({ country: row.country }),
    publicKey: parseCertificate(row.certificate).subjectPublicKeyInfo.raw,
    certificate: row.certificate,
    validity: { notBefore: row.notBefore, notAfter: row.notAfter },
    conformance: {
      status: row.conformance,
      findings: row.findings,
      ...defined({ pkdCode: row.pkdConformanceCode, pkdText: row.pkdConformanceText }),
    },
    source: { name: row.source, ...defined({ importId: row.importId }), principal: row.principal },
    ...defined({ withdrawal: row.withdrawal }),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}
