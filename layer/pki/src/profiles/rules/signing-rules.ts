import { oids } from '../../der/oid-names.ts'
import { keyUsageBit } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule } from '../types.ts'

const targetRole = ['target'] as const

/** End entities that are named by one purpose. */
export const endEntityRules: readonly CertificateRule[] = [
  {
    code: 'end_entity_is_ca',
    roles: targetRole,
    check: ({ basicConstraints }) =>
      basicConstraints?.ca === true ? 'a CA stands in the place of an end entity' : undefined,
  },
]

/** A signer of data has digitalSignature or contentCommitment, where keyUsage is present. */
export const signerRules: readonly CertificateRule[] = [
  ...endEntityRules,
  {
    code: 'key_usage_not_allowed',
    roles: targetRole,
    check: ({ keyUsage }) =>
      keyUsage === undefined || keyUsage & (keyUsageBit.digitalSignature | keyUsageBit.contentCommitment)
        ? undefined
        : 'keyUsage allows no signatures over data',
  },
]

/** RFC 3161 §2.3: timeStamping, critical, and nothing else. */
export const timestampingRules: readonly CertificateRule[] = [
  ...signerRules,
  {
    code: 'purpose_not_alone',
    roles: targetRole,
    check: certificate => {
      const purposes = certificate.extendedKeyUsage
      if (purposes === undefined || purposes.length !== 1 || purposes[0] !== oids.timeStamping) {
        return 'extKeyUsage is to name timeStamping and nothing else'
      }
      return certificate.extension(oids.extKeyUsage)?.critical === true ? undefined : 'extKeyUsage is not critical'
    },
  },
]
