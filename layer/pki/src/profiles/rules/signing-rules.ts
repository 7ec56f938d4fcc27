import { OID } from '../../der/oid-names.ts'
import { KEY_USAGE } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule } from '../types.ts'

const TARGET = ['target'] as const

/** End entities that are named by one purpose. */
export const END_ENTITY_RULES: readonly CertificateRule[] = [
  {
    code: 'end_entity_is_ca',
    roles: TARGET,
    check: ({ basicConstraints }) =>
      basicConstraints?.ca === true ? 'a CA stands in the place of an end entity' : undefined,
  },
]

/** A signer of data has digitalSignature or contentCommitment, where keyUsage is present. */
export const SIGNER_RULES: readonly CertificateRule[] = [
  ...END_ENTITY_RULES,
  {
    code: 'key_usage_not_allowed',
    roles: TARGET,
    check: ({ keyUsage }) =>
      keyUsage === undefined || keyUsage & (KEY_USAGE.digitalSignature | KEY_USAGE.contentCommitment)
        ? undefined
        : 'keyUsage allows no signatures over data',
  },
]

/** RFC 3161 §2.3: timeStamping, critical, and nothing else. */
export const TIMESTAMPING_RULES: readonly CertificateRule[] = [
  ...SIGNER_RULES,
  {
    code: 'purpose_not_alone',
    roles: TARGET,
    check: certificate => {
      const purposes = certificate.extendedKeyUsage
      if (purposes === undefined || purposes.length !== 1 || purposes[0] !== OID.timeStamping) {
        return 'extKeyUsage is to name timeStamping and nothing else'
      }
      return certificate.extension(OID.extKeyUsage)?.critical === true ? undefined : 'extKeyUsage is not critical'
    },
  },
]
