import { oidName } from '../../der/oid.ts'
import { oids } from '../../der/oid-names.ts'
import { formatIpAddress } from '../../path/ip-address.ts'
import { isDomainName } from '../../path/name-forms.ts'
import type { PublicKeyInfo } from '../../signature/public-key.ts'
import { bytesEqual } from '../../x509/bytes.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { keyUsageBit, keyUsageNames } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule } from '../types.ts'
import { parameterRules } from './key-rules.ts'
import { caKeyUsageRule } from './rfc5280-rules.ts'

const targetRole = ['target'] as const

// RFC 6962 §3.1: for special certificates that sign precertificates.
const precertificateSigning = '1.3.6.1.4.1.11129.2.4.4'

/** §7.1.2.7.10, §7.1.2.10.6: MUST NOT stand beside serverAuth, neither for a server nor for the CA above it. */
const forbiddenPurposes: readonly string[] = [
  oids.anyExtendedKeyUsage,
  oids.codeSigning,
  oids.emailProtection,
  oids.timeStamping,
  oids.OCSPSigning,
  precertificateSigning,
]

/** The CA/Browser Forum's Baseline Requirements for TLS server certificates, as far as a certificate shows them. */
export const webpkiRules: readonly CertificateRule[] = [
  {
    code: 'version_not_3',
    roles: ['anchor', 'ca', 'target'],
    check: ({ version }) => (version === 3 ? undefined : `version ${version}`),
  },
  // §7.1.2.10.7: the same, whether or not RFC 5280 §4 is enforced.
  caKeyUsageRule,
  ...parameterRules('exact'),
  {
    code: 'end_entity_is_ca',
    roles: targetRole,
    check: ({ basicConstraints }) =>
      basicConstraints?.ca === true ? 'a CA stands in the place of a server' : undefined,
  },
  {
    code: 'purpose_missing',
    roles: targetRole,
    check: ({ extendedKeyUsage }) =>
      extendedKeyUsage?.includes(oids.serverAuth) === true ? undefined : 'extKeyUsage does not name serverAuth',
  },
  {
    code: 'purpose_forbidden',
    roles: targetRole,
    check: ({ extendedKeyUsage }) => {
      const wrong = extendedKeyUsage?.find(purpose => forbiddenPurposes.includes(purpose))
      return wrong === undefined ? undefined : `${oidName(wrong)} stands in the certificate of a server`
    },
  },
  {
    code: 'purpose_forbidden',
    roles: ['ca'],
    check: ({ extendedKeyUsage }) => {
      // §7.1.2.2.4: a cross certificate without restrictions may say so by anyExtendedKeyUsage alone.
      if (extendedKeyUsage?.length === 1 && extendedKeyUsage[0] === oids.anyExtendedKeyUsage) return undefined
      const wrong = extendedKeyUsage?.find(purpose => forbiddenPurposes.includes(purpose))
      return wrong === undefined ? undefined : `${oidName(wrong)} stands in the certificate of a CA for servers`
    },
  },
  {
    code: 'key_usage_of_server',
    roles: targetRole,
    check: ({ keyUsage, subjectPublicKeyInfo }) =>
      keyUsage === undefined || keyUsage === 0 ? undefined : serverUsageFault(keyUsage, subjectPublicKeyInfo.info.type),
  },
  {
    code: 'purpose_critical',
    roles: targetRole,
    check: certificate =>
      certificate.extension(oids.extKeyUsage)?.critical === true ? 'extKeyUsage is critical' : undefined,
  },
  {
    code: 'purpose_in_root',
    roles: ['anchor'],
    check: certificate =>
      certificate.isSelfIssued && certificate.extension(oids.extKeyUsage) !== undefined
        ? 'a root restricts its purposes'
        : undefined,
  },
  {
    code: 'authority_key_identifier_of_root',
    roles: ['anchor'],
    check: certificate => (certificate.isSelfIssued ? rootIdentifierFault(certificate) : undefined),
  },
  {
    code: 'subject_alt_name_missing',
    roles: targetRole,
    check: ({ subjectAltName }) => (subjectAltName === undefined ? 'no subjectAltName' : undefined),
  },
  {
    code: 'subject_alt_name_critical',
    roles: targetRole,
    check: certificate =>
      certificate.extension(oids.subjectAltName)?.critical === true && !certificate.subject.isEmpty
        ? 'subjectAltName is critical beside a subject'
        : undefined,
  },
  {
    code: 'subject_alt_name_form',
    roles: targetRole,
    check: certificate => alternativeNameFault(certificate),
  },
  {
    code: 'wildcard_of_public_suffix',
    roles: targetRole,
    check: ({ subjectAltName = [] }) => {
      // Every top-level domain is a public suffix; which deeper ones are, changes by the week and is not kept here.
      const wrong = subjectAltName.find(({ kind, value }) => kind === 'dNSName' && /^\*\.[^.]+$/.test(value))
      return wrong === undefined ? undefined : 'a wildcard for a whole top-level domain'
    },
  },
  {
    code: 'common_name_repeated',
    roles: targetRole,
    check: ({ subject }) => (subject.values(oids.commonName).length > 1 ? 'more than one common name' : undefined),
  },
  {
    code: 'common_name_not_in_subject_alt_name',
    roles: targetRole,
    check: certificate => {
      const stray = certificate.subject.values(oids.commonName).find(text => !isAmongNames(text, certificate))
      return stray === undefined ? undefined : `common name '${stray.slice(0, 100)}' is no subjectAltName`
    },
  },
]

const rsaUsage = keyUsageBit.digitalSignature | keyUsageBit.keyEncipherment | keyUsageBit.dataEncipherment
const ecUsage = keyUsageBit.digitalSignature | keyUsageBit.keyAgreement

/** §7.1.2.7.11, by the kind of the key. Keys of other kinds are forbidden as such. */
function serverUsageFault(usage: number, type: PublicKeyInfo['type']): string | undefined {
  if (type !== 'rsa' && type !== 'ec') return undefined
  const wrong = usage & ~(type === 'rsa' ? rsaUsage : ecUsage)
  if (wrong !== 0) return `keyUsage of a server names ${keyUsageNames(wrong).join(', ')}`
  return type === 'ec' && (usage & keyUsageBit.digitalSignature) === 0
    ? 'an EC key without digitalSignature'
    : undefined
}

/**
 * §7.1.4.3 with two concessions to certificates in use, which cost nothing since no peer is matched by its common name: the domain of a
 * wildcard, and a host name beside addresses alone, may stand there.
 */
function isAmongNames(text: string, { subjectAltName = [] }: Certificate): boolean {
  let hosts = false
  for (const name of subjectAltName) {
    if (name.kind === 'iPAddress' && formatIpAddress(name.value) === text) return true
    if (name.kind !== 'dNSName') continue
    if (name.value === text || name.value === `*.${text}`) return true
    hosts = true
  }
  // A top-level domain is not numeric (RFC 3696 §2), so that no form of an address passes for a host.
  return !hosts && isDomainName(text) && /\.(?!\d+$)[^.]+$/.test(text)
}

function rootIdentifierFault(root: Certificate): string | undefined {
  const identifier = root.authorityKeyIdentifier
  if (identifier === undefined) return undefined
  if (identifier.keyIdentifier === undefined) return 'authorityKeyIdentifier without keyIdentifier'
  if (identifier.authorityCertIssuer !== undefined) return 'authorityCertIssuer is present'
  if (identifier.authorityCertSerialNumber !== undefined) return 'authorityCertSerialNumber is present'
  const own = root.subjectKeyIdentifier
  const same = own !== undefined && bytesEqual(own, identifier.keyIdentifier)
  return same ? undefined : 'keyIdentifier differs from subjectKeyIdentifier'
}

/** §7.1.2.7.12. How a dNSName is written, RFC 5280 §4.2.1.6 says too. */
function alternativeNameFault({ subjectAltName = [] }: Certificate): string | undefined {
  const wrong = subjectAltName.find(({ kind }) => kind !== 'dNSName' && kind !== 'iPAddress')
  return wrong === undefined ? undefined : `a name of the form ${wrong.kind}`
}
