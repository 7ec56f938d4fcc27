import { oidName } from '../../der/oid.ts'
import { decodeIfKnown } from '../../x509/extensions/index.ts'
import { KEY_USAGE } from '../../x509/extensions/key-usage.ts'
import type { CertificateRule } from '../types.ts'

/** A CA as the name of its role in a path: whoever issues the next certificate. */
const ISSUERS = ['ca'] as const
const ALL = ['anchor', 'ca', 'target'] as const
const PATH = ['ca', 'target'] as const

/** What RFC 5280 §6.1 asks of each certificate by itself; the same under every profile. */
export const PATH_RULES: readonly CertificateRule[] = [
  {
    code: 'not_yet_valid',
    roles: ALL,
    check: ({ notBefore }, { at }) =>
      at < notBefore ? `valid from ${new Date(notBefore).toISOString()} on` : undefined,
  },
  {
    code: 'expired',
    roles: ALL,
    // notAfter names a second that is still within (§4.1.2.5): the fraction of a second after it has no encoding.
    check: ({ notAfter }, { at }) =>
      at >= notAfter + 1000 ? `valid until ${new Date(notAfter).toISOString()}` : undefined,
  },
  {
    code: 'issuer_empty',
    roles: ALL,
    check: ({ issuer }) => (issuer.isEmpty ? 'the issuer has no name' : undefined),
  },
  {
    code: 'signature_algorithms_differ',
    roles: PATH,
    check: certificate =>
      certificate.signatureAlgorithmsMatch ? undefined : 'the signed and the unsigned signature algorithm differ',
  },
  {
    code: 'unknown_critical_extension',
    roles: ALL,
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
    code: 'not_a_ca',
    roles: ISSUERS,
    check: certificate =>
      certificate.version === 3 && certificate.basicConstraints?.ca === true
        ? undefined
        : 'basicConstraints does not make it a CA',
  },
  {
    code: 'key_usage_without_cert_sign',
    roles: ISSUERS,
    check: ({ keyUsage }) =>
      keyUsage === undefined || keyUsage & KEY_USAGE.keyCertSign ? undefined : 'keyUsage lacks keyCertSign',
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
      keyUsage === undefined || keyUsage & KEY_USAGE.keyCertSign ? undefined : 'keyUsage lacks keyCertSign',
  },
]
