import { oidName } from '../../der/oid.ts'
import { oids } from '../../der/oid-names.ts'
import { keyUsageBit } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule, KeyPolicy } from '../types.ts'
import { keyFault } from './key-rules.ts'

const targetRole = ['target'] as const

/** §7.1.2.2 (g), §7.1.2.3 (f): never beside emailProtection. */
const forbiddenPurposes: readonly string[] = [
  oids.anyExtendedKeyUsage,
  oids.serverAuth,
  oids.codeSigning,
  oids.timeStamping,
]

/** §6.1.5. */
const keyTable: KeyPolicy = {
  rsa: { minBits: 2048, multipleOf: 8 },
  curves: ['secp256r1', 'secp384r1', 'secp521r1'],
  explicitCurves: false,
  pure: ['ed25519', 'ed448', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'],
}

/**
 * The CA/Browser Forum's S/MIME Baseline Requirements, as far as a certificate shows them: what naming emailProtection as the purpose
 * asks for, under any profile.
 */
export const smimeRules: readonly CertificateRule[] = [
  {
    code: 'key_forbidden',
    roles: ['anchor', 'ca', 'target'],
    check: certificate => keyFault(certificate.subjectPublicKeyInfo.info, keyTable),
  },
  {
    code: 'smime_certificate',
    roles: targetRole,
    check: ({ version, basicConstraints }) => {
      if (version !== 3) return `version ${version}`
      return basicConstraints?.ca === true ? 'a CA stands in the place of a subscriber' : undefined
    },
  },
  {
    code: 'smime_purpose',
    roles: targetRole,
    check: ({ extendedKeyUsage }) => (extendedKeyUsage === undefined ? 'extKeyUsage is missing' : undefined),
  },
  {
    code: 'smime_purpose',
    roles: ['ca', 'target'],
    check: ({ extendedKeyUsage }) => {
      const wrong = extendedKeyUsage?.find(purpose => forbiddenPurposes.includes(purpose))
      return wrong === undefined ? undefined : `${oidName(wrong)} beside emailProtection`
    },
  },
  {
    code: 'smime_purpose',
    roles: ['anchor'],
    check: certificate =>
      certificate.extension(oids.extKeyUsage) === undefined ? undefined : 'a root restricts its purposes',
  },
  {
    code: 'smime_key_usage',
    roles: targetRole,
    check: certificate => {
      const extension = certificate.extension(oids.keyUsage)
      return extension === undefined ? 'keyUsage is missing' : undefined
    },
  },
  {
    code: 'smime_key_usage',
    roles: ['ca'],
    check: ({ keyUsage }) =>
      keyUsage !== undefined && (keyUsage & keyUsageBit.cRLSign) === 0 ? 'keyUsage of a CA lacks cRLSign' : undefined,
  },
  {
    code: 'smime_certificate',
    roles: targetRole,
    check: certificate => {
      const extension = certificate.extension(oids.subjectAltName)
      if (extension === undefined) return 'subjectAltName is missing'
      return extension.critical && !certificate.subject.isEmpty
        ? 'subjectAltName is critical beside a subject'
        : undefined
    },
  },
]
