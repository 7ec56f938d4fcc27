import { oids } from '../../der/oid-names.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { keyUsageBit } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule, Role } from '../types.ts'

/** Doc 9303-12 §7.1.1.1: the country, two letters (or an organisation's code), compared without case as States write both. */
function country(certificate: Certificate, side: 'subject' | 'issuer'): string | undefined {
  return certificate[side].values(oids.countryName)[0]?.trim().toUpperCase()
}

/** The names of travel document certificates: without them any State could sign for any other. */
export const icaoNameRules: readonly CertificateRule[] = [
  {
    code: 'country_missing',
    roles: ['anchor', 'ca', 'target'],
    check: certificate => (country(certificate, 'subject') === undefined ? 'the subject names no country' : undefined),
  },
  {
    code: 'country_mismatch',
    roles: ['ca', 'target'],
    check: certificate => {
      const issuer = country(certificate, 'issuer')
      const subject = country(certificate, 'subject')
      return issuer === subject
        ? undefined
        : `issuer of ${issuer ?? 'no country'}, subject of ${subject ?? 'no country'}`
    },
  },
]

const caUsage = keyUsageBit.keyCertSign | keyUsageBit.cRLSign

/** A CSCA, as anchor or as link certificate (Doc 9303-12 §7.1.1, table 6). */
export const icaoCscaRules: readonly CertificateRule[] = [
  ...icaoNameRules,
  {
    code: 'key_usage_not_exact',
    roles: ['ca'],
    check: ({ keyUsage }) =>
      ((keyUsage ?? 0) & caUsage) === caUsage ? undefined : 'keyCertSign and cRLSign are wanted',
  },
]

/** A CSCA that is itself the certificate in question. */
export const icaoCscaTargetRules: readonly CertificateRule[] = [
  {
    code: 'not_a_ca',
    roles: ['target'],
    check: ({ basicConstraints }) =>
      basicConstraints?.ca === true ? undefined : 'a CSCA has basicConstraints with cA',
  },
  {
    code: 'key_usage_not_exact',
    roles: ['target'],
    check: ({ keyUsage }) =>
      ((keyUsage ?? 0) & keyUsageBit.keyCertSign) !== 0 ? undefined : 'a CSCA has keyUsage with keyCertSign',
  },
]

/** A signer under a CSCA: document signer, master list signer (Doc 9303-12 §7.1.1, table 6). */
export function icaoSignerRules(roles: readonly Role[]): readonly CertificateRule[] {
  return [
    {
      code: 'end_entity_is_ca',
      roles,
      check: ({ basicConstraints }) => (basicConstraints?.ca === true ? 'a signer is no CA' : undefined),
    },
    {
      code: 'key_usage_not_exact',
      roles,
      check: ({ keyUsage }) =>
        ((keyUsage ?? 0) & keyUsageBit.digitalSignature) !== 0 ? undefined : 'keyUsage with digitalSignature is wanted',
    },
    {
      code: 'authority_key_identifier_missing',
      roles,
      check: ({ authorityKeyIdentifier }) =>
        authorityKeyIdentifier?.keyIdentifier === undefined ? 'the key of the issuer is not identified' : undefined,
    },
  ]
}
