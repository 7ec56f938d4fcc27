import { oidName } from '../../der/oid.ts'
import { oids } from '../../der/oid-names.ts'
import { isUnexpectedTimeType } from '../../der/time.ts'
import { parseIpAddress } from '../../path/ip-address.ts'
import { isHostName } from '../../path/name-forms.ts'
import { hashAlgorithms } from '../../signature/hash-algorithms.ts'
import type { PublicKeyInfo } from '../../signature/public-key.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { decodeIfKnown } from '../../x509/extensions/index.ts'
import { keyUsageBit } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule, SignaturePolicy } from '../types.ts'
import { parameterRules, signatureFault } from './key-rules.ts'

const allRoles = ['anchor', 'ca', 'target'] as const
const caRoles = ['anchor', 'ca'] as const

/** §4.2: what conforming CAs MUST mark critical, and what they MUST NOT. nameConstraints has a rule of its own. */
const mustBeCritical: readonly string[] = [oids.policyConstraints, oids.inhibitAnyPolicy]
const mustNotBeCritical: readonly string[] = [
  oids.authorityKeyIdentifier,
  oids.subjectKeyIdentifier,
  oids.subjectDirectoryAttributes,
  oids.freshestCRL,
  oids.authorityInfoAccess,
  oids.subjectInfoAccess,
]

const sha2And3 = hashAlgorithms.map(({ name }) => name).filter(name => name !== 'sha1')
const withoutSha1: SignaturePolicy = {
  'rsa-pkcs1': sha2And3,
  'rsa-pss': sha2And3,
  ecdsa: sha2And3,
  dsa: sha2And3,
}

const isCa = (certificate: Certificate): boolean => certificate.basicConstraints?.ca === true
const isSelfSigned = (certificate: Certificate): boolean => certificate.isSelfIssued

/**
 * §4.2.1.3: a CA whose key verifies certificates MUST include keyUsage. Of an anchor it is not asked: roots of long ago in trust stores have
 * none, and who trusts a key says what for.
 */
export const caKeyUsageRule: CertificateRule = {
  code: 'key_usage_missing',
  roles: ['ca', 'target'],
  check: (certificate, _context, role) =>
    (role === 'ca' || isCa(certificate)) && certificate.keyUsage === undefined ? 'a CA without keyUsage' : undefined,
}

/** The certificate profile of RFC 5280 §4, as far as a relying party can check it. */
export const rfc5280Rules: readonly CertificateRule[] = [
  {
    code: 'extension_malformed',
    roles: allRoles,
    // Without the exception that the path algorithm makes. The getters throw the coded error; nothing else is to be said here.
    check: certificate => {
      for (const extension of certificate.extensions) decodeIfKnown(extension)
      return undefined
    },
  },
  {
    code: 'signature_algorithms_differ',
    roles: ['anchor'],
    check: certificate =>
      certificate.signatureAlgorithmsMatch ? undefined : 'the signed and the unsigned signature algorithm differ',
  },
  {
    code: 'signature_algorithm_forbidden',
    roles: ['ca', 'target'],
    // RFC 6194 §4, RFC 9155: collisions of SHA-1 forge certificates.
    check: ({ signatureAlgorithm }) => signatureFault(signatureAlgorithm, withoutSha1),
  },
  ...parameterRules('conforming'),
  {
    code: 'serial_number_invalid',
    roles: allRoles,
    check: ({ serialNumber }, _context, role) => {
      if (serialNumber.length > 20) return `${serialNumber.length} octets, at most 20 are allowed`
      if ((serialNumber[0] as number) & 0x80) return 'negative'
      // Roots in every trust store are number 0, and an anchor is never looked up by its number.
      return role !== 'anchor' && serialNumber.length === 1 && serialNumber[0] === 0 ? 'zero' : undefined
    },
  },
  {
    code: 'subject_empty',
    roles: allRoles,
    check: (certificate, _context, role) => {
      if (!certificate.subject.isEmpty) return undefined
      if (role !== 'target' || isCa(certificate)) return 'a CA has no name'
      return certificate.subjectAltName === undefined ? 'neither subject nor subjectAltName names anyone' : undefined
    },
  },
  {
    code: 'subject_alt_name_not_critical',
    roles: allRoles,
    check: certificate =>
      certificate.subject.isEmpty && certificate.extension(oids.subjectAltName)?.critical === false
        ? 'subjectAltName is the only name and is not critical'
        : undefined,
  },
  {
    code: 'subject_alt_name_malformed',
    roles: ['ca', 'target'],
    check: ({ subjectAltName = [] }) => {
      const wrong = subjectAltName.find(name => name.kind === 'dNSName' && !isPresentableHost(name.value))
      return wrong === undefined ? undefined : `'${String(wrong.value).slice(0, 100)}' is no host name`
    },
  },
  {
    code: 'time_encoding',
    roles: allRoles,
    check: certificate => {
      const [notBefore, notAfter] = certificate.validityTags
      const wrong =
        isUnexpectedTimeType(notBefore, certificate.notBefore) || isUnexpectedTimeType(notAfter, certificate.notAfter)
      return wrong ? 'UTCTime is for the years through 2049, GeneralizedTime for those after' : undefined
    },
  },
  {
    code: 'validity_reversed',
    roles: allRoles,
    check: ({ notBefore, notAfter }) => (notAfter < notBefore ? 'notAfter lies before notBefore' : undefined),
  },
  {
    code: 'unique_identifier_present',
    roles: allRoles,
    check: ({ hasUniqueIdentifiers }) =>
      hasUniqueIdentifiers ? 'unique identifiers MUST NOT be generated' : undefined,
  },
  {
    code: 'authority_key_identifier_missing',
    roles: allRoles,
    check: (certificate, { profile }, role) => {
      // No path leads on from an anchor: its issuer is never looked for.
      if (role === 'anchor' && !profile.anchorNamesIssuer) return undefined
      const extension = certificate.authorityKeyIdentifier
      if (extension !== undefined && extension.keyIdentifier !== undefined) return undefined
      // The exception is for a CA's self-signed certificate.
      if (isSelfSigned(certificate) && isCa(certificate)) return undefined
      return 'the key of the issuer is not identified'
    },
  },
  {
    code: 'subject_key_identifier_missing',
    roles: allRoles,
    check: certificate =>
      isCa(certificate) && certificate.subjectKeyIdentifier === undefined ? 'a CA without key identifier' : undefined,
  },
  caKeyUsageRule,
  {
    code: 'key_usage_empty',
    roles: allRoles,
    check: ({ keyUsage }) => (keyUsage === 0 ? 'no bit is set' : undefined),
  },
  {
    code: 'key_usage_inconsistent',
    roles: allRoles,
    check: certificate =>
      (certificate.keyUsage ?? 0) & keyUsageBit.keyCertSign && !isCa(certificate)
        ? 'keyCertSign without a CA'
        : undefined,
  },
  {
    code: 'key_usage_of_key_type',
    roles: allRoles,
    check: certificate => forbiddenUsage(certificate.keyUsage ?? 0, certificate.subjectPublicKeyInfo.info),
  },
  {
    code: 'path_length_misplaced',
    roles: allRoles,
    check: certificate => {
      const { keyUsage, basicConstraints } = certificate
      if (basicConstraints?.pathLength === undefined) return undefined
      const signs = keyUsage === undefined || keyUsage & keyUsageBit.keyCertSign
      return basicConstraints.ca && signs ? undefined : 'pathLenConstraint without cA and keyCertSign'
    },
  },
  {
    code: 'not_a_ca',
    roles: ['anchor'],
    check: certificate => (isCa(certificate) ? undefined : 'basicConstraints does not make it a CA'),
  },
  {
    code: 'extension_not_critical',
    roles: caRoles,
    check: certificate =>
      isCa(certificate) && certificate.extension(oids.basicConstraints)?.critical === false
        ? 'basicConstraints of a CA is not critical'
        : undefined,
  },
  {
    code: 'extension_not_critical',
    roles: allRoles,
    check: ({ extensions }) => {
      const wrong = extensions.find(({ oid, critical }) => !critical && mustBeCritical.includes(oid))
      return wrong === undefined ? undefined : `${oidName(wrong.oid)} is not critical`
    },
  },
  {
    code: 'extension_not_critical',
    roles: allRoles,
    check: (certificate, { profile }) =>
      !profile.nonCriticalNameConstraints && certificate.extension(oids.nameConstraints)?.critical === false
        ? 'nameConstraints is not critical'
        : undefined,
  },
  {
    code: 'extension_critical',
    roles: allRoles,
    check: ({ extensions }) => {
      const wrong = extensions.find(({ oid, critical }) => critical && mustNotBeCritical.includes(oid))
      return wrong === undefined ? undefined : `${oidName(wrong.oid)} is critical`
    },
  },
  {
    code: 'distribution_point_form',
    roles: ['ca', 'target'],
    check: certificate => {
      const names = certificate
        .decode(oids.cRLDistributionPoints)
        ?.flatMap(({ name }) => (name?.kind === 'fullName' ? name.names : []))
      const wrong = names?.find(({ kind }) => kind !== 'uniformResourceIdentifier' && kind !== 'directoryName')
      return wrong === undefined ? undefined : `a ${wrong.kind} says of no CRL where it is`
    },
  },
  {
    code: 'name_constraints_misplaced',
    roles: allRoles,
    check: certificate =>
      certificate.extension(oids.nameConstraints) !== undefined && !isCa(certificate)
        ? 'nameConstraints in a certificate that is no CA'
        : undefined,
  },
]

/** A host name, which no IP address in text is (§4.2.1.6: that one has a form of its own), or a wildcard over one. */
function isPresentableHost(text: string): boolean {
  return isHostName(text.startsWith('*.') ? text.slice(2) : text) && parseIpAddress(text) === undefined
}

const encryption =
  keyUsageBit.keyEncipherment |
  keyUsageBit.dataEncipherment |
  keyUsageBit.keyAgreement |
  keyUsageBit.encipherOnly |
  keyUsageBit.decipherOnly

/** RFC 9881 §5, RFC 9909 §6, RFC 8410 §5: signature keys do not encrypt. RFC 5480 §3: neither do EC keys without agreement. */
function forbiddenUsage(usage: number, key: PublicKeyInfo): string | undefined {
  if (key.type === 'pure' && usage & encryption) return `a ${key.keyType} key cannot establish keys or encrypt`
  const encipherment = keyUsageBit.keyEncipherment | keyUsageBit.dataEncipherment
  return key.type === 'ec' && usage & encipherment ? 'an EC key cannot encipher' : undefined
}
