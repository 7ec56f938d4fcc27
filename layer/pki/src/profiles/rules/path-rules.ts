import { oidName } from '../../der/oid.ts'
import { oids } from '../../der/oid-names.ts'
import { tags } from '../../der/tags.ts'
import type { Extension } from '../../x509/extension.ts'
import { decodeIfKnown, unprocessedPart } from '../../x509/extensions/index.ts'
import { keyUsageBit } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule } from '../types.ts'

/** A CA, named by its role in a path: the issuer of the next certificate. */
const issuerRoles = ['ca'] as const
const allRoles = ['anchor', 'ca', 'target'] as const
const pathRoles = ['ca', 'target'] as const

/**
 * Alternative names that are an empty list, not critical: they hold no name, and certificates of OCSP responders in use have them. §4.2.1.6
 * forbids them to CAs, so conformance refuses them.
 */
function isEmptyNames(extension: Extension): boolean {
  const { oid, critical } = extension
  if (critical || (oid !== oids.subjectAltName && oid !== oids.issuerAltName)) return false
  const { value } = extension
  return value.length === 2 && value[0] === tags.SEQUENCE && value[1] === 0
}

/** What RFC 5280 §6.1 asks of each certificate by itself; the same under every profile. */
export const pathRules: readonly CertificateRule[] = [
  {
    code: 'not_yet_valid',
    roles: allRoles,
    check: ({ notBefore }, { at }) =>
      at < notBefore ? `valid from ${new Date(notBefore).toISOString()} on` : undefined,
  },
  {
    code: 'expired',
    roles: allRoles,
    // notAfter names a second that is still within (§4.1.2.5): the fraction of a second after it has no encoding.
    check: ({ notAfter }, { at }) =>
      at >= notAfter + 1000 ? `valid until ${new Date(notAfter).toISOString()}` : undefined,
  },
  {
    code: 'issuer_empty',
    roles: allRoles,
    check: ({ issuer }) => (issuer.isEmpty ? 'the issuer has no name' : undefined),
  },
  {
    code: 'signature_algorithms_differ',
    roles: pathRoles,
    check: certificate =>
      certificate.signatureAlgorithmsMatch ? undefined : 'the signed and the unsigned signature algorithm differ',
  },
  {
    code: 'name_malformed',
    roles: allRoles,
    // The coded error says what is wrong; nothing else is to be said here. The same below.
    check: ({ subject, issuer }) => {
      subject.assertWellFormed()
      issuer.assertWellFormed()
      return undefined
    },
  },
  {
    code: 'extension_malformed',
    roles: allRoles,
    // §4.2: an extension that is recognised MUST be processed, critical or not; what cannot be decoded cannot be processed.
    check: ({ extensions }) => {
      for (const extension of extensions) if (!isEmptyNames(extension)) decodeIfKnown(extension)
      return undefined
    },
  },
  {
    code: 'unknown_critical_extension',
    roles: allRoles,
    check: ({ extensions }) => {
      for (const extension of extensions) {
        extension.assertDer()
        if (extension.critical && !decodeIfKnown(extension)) {
          return `critical extension ${oidName(extension.oid)} is not known`
        }
      }
      return undefined
    },
  },
  {
    code: 'critical_extension_not_understood',
    roles: allRoles,
    check: ({ extensions }) => {
      for (const extension of extensions) {
        const fault = extension.critical ? unprocessedPart(extension) : undefined
        if (fault !== undefined) return `critical extension ${oidName(extension.oid)} is not understood: ${fault}`
      }
      return undefined
    },
  },
  {
    code: 'not_a_ca',
    roles: issuerRoles,
    check: certificate =>
      certificate.version === 3 && certificate.basicConstraints?.ca === true
        ? undefined
        : 'basicConstraints does not make it a CA',
  },
  {
    code: 'key_usage_without_cert_sign',
    roles: issuerRoles,
    check: ({ keyUsage }) =>
      keyUsage === undefined || keyUsage & keyUsageBit.keyCertSign ? undefined : 'keyUsage lacks keyCertSign',
  },
  {
    // What a certificate denies it cannot do, though it is trusted (RFC 5937 §3.2 starts from a CA's certificate).
    code: 'not_a_ca',
    roles: ['anchor'],
    check: ({ basicConstraints }) =>
      basicConstraints?.ca === false ? 'basicConstraints says that it is no CA' : undefined,
  },
  {
    code: 'key_usage_without_cert_sign',
    roles: ['anchor'],
    check: ({ keyUsage }) =>
      keyUsage === undefined || keyUsage & keyUsageBit.keyCertSign ? undefined : 'keyUsage lacks keyCertSign',
  },
]
