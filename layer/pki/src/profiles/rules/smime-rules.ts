import { oidName } from '../../der/oid.ts'
import { OID } from '../../der/oid-names.ts'
import { KEY_USAGE } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule, KeyPolicy } from '../types.ts'
import { keyFault } from './key-rules.ts'

const TARGET = ['target'] as const

/** §7.1.2.2 (g), §7.1.2.3 (f): never beside emailProtection. */
const FORBIDDEN_PURPOSES: readonly string[] = [
  OID.anyExtendedKeyUsage,
  OID.serverAuth,
  OID.codeSigning,
  OID.timeStamping,
]

/** §6.1.5. */
const KEYS: KeyPolicy = {
  rsa: { minBits: 2048, multipleOf: 8 },
  curves: ['secp256r1', 'secp384r1', 'secp521r1'],
  explicitCurves: false,
  pure: ['ed25519', 'ed448', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'],
}

/**
 * The CA/Browser Forum's S/MIME Baseline Requirements, as far as a certificate shows them: what naming emailProtection as the purpose
 * asks for, under any profile.
 */
export const SMIME_RULES: readonly CertificateRule[] = [
  {
    code: 'key_forbidden',
    roles: ['anchor', 'ca', 'target'],
    check: certificate => keyFault(certificate.subjectPublicKeyInfo.info, KEYS),
  },
  {
    code: 'smime_certificate',
    roles: TARGET,
    check: ({ version, basicConstraints }) => {
      if (version !== 3) return `version ${version}`
      return basicConstraints?.ca === true ? 'a CA stands in the place of a subscriber' : undefined
    },
  },
  {
    code: 'smime_purpose',
    roles: TARGET,
    check: ({ extendedKeyUsage }) => (extendedKeyUsage === undefined ? 'extKeyUsage is missing' : undefined),
  },
  {
    code: 'smime_purpose',
    roles: ['ca', 'target'],
    check: ({ extendedKeyUsage }) => {
      const wrong = extendedKeyUsage?.find(purpose => FORBIDDEN_PURPOSES.includes(purpose))
      return wrong === undefined ? undefined : `${oidName(wrong)} beside emailProtection`
    },
  },
  {
    code: 'smime_purpose',
    roles: ['anchor'],
    check: certificate =>
      certificate.extension(OID.extKeyUsage) === undefined ? undefined : 'a root restricts its purposes',
  },
  {
    code: 'smime_key_usage',
    roles: TARGET,
    check: certificate => {
      const extension = certificate.extension(OID.keyUsage)
      return extension === undefined ? 'keyUsage is missing' : undefined
    },
  },
  {
    code: 'smime_key_usage',
    roles: ['ca'],
    check: ({ keyUsage }) =>
      keyUsage !== undefined && (keyUsage & KEY_USAGE.cRLSign) === 0 ? 'keyUsage of a CA lacks cRLSign' : undefined,
  },
  {
    code: 'smime_certificate',
    roles: TARGET,
    check: certificate => {
      const extension = certificate.extension(OID.subjectAltName)
      if (extension === undefined) return 'subjectAltName is missing'
      return extension.critical && !certificate.subject.isEmpty
        ? 'subjectAltName is critical beside a subject'
        : undefined
    },
  },
]
