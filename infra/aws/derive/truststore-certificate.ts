import { X509Certificate } from 'node:crypto'

/** RSA (PKCS #1 v1.5) and ECDSA with SHA-256, SHA-384 and SHA-512 (RFC 4055 §5, RFC 5758 §3.2). */
const signaturesTaken: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
])

/** As Node calls the curves of NIST. Brainpool is none of TLS 1.2 at API Gateway. */
const curvesTaken: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])
const minRsaBits = 2048

/** Why a certificate has no place in the truststore of API Gateway; `undefined` for one that has. */
export function truststoreMistake(pem: string): string | undefined {
  const certificate = parsed(pem)
  if (certificate?.ca !== true) return 'is none of an authority, or cannot be read'
  if (!signaturesTaken.has(certificate.signatureAlgorithmOid)) {
    const name = certificate.signatureAlgorithm ?? certificate.signatureAlgorithmOid
    return `is signed with ${name}; RSA (PKCS #1 v1.5) or ECDSA with SHA-2 is expected`
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve = '' } = {} } =
    certificate.publicKey
  if (type === 'rsa' && modulusLength >= minRsaBits) return undefined
  if (type === 'ec' && curvesTaken.has(namedCurve)) return undefined
  const given = type === 'rsa' ? `RSA of ${modulusLength} bits` : [type, namedCurve].filter(Boolean).join(' ')
  return `has a key of ${given}; RSA of at least ${minRsaBits} bits, P-256, P-384 or P-521 is expected`
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
