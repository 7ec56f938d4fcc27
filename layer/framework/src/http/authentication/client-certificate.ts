import { createHash, X509Certificate } from 'node:crypto'
import type { Clock } from '../../clock/clock.ts'
import type { ErrorCode } from '../../errors/catalogue.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { challenge } from './bearer-token.ts'

/** The certificate with which the client opened its connection (mutual TLS). */
export interface ClientCertificate {
  readonly pem: string
  readonly der: Uint8Array
  /** Distinguished names as OpenSSL prints them, one attribute per line. For logs and messages; names prove nothing. */
  readonly subject: string
  readonly issuer: string
  /** Upper-case hexadecimal. */
  readonly serialNumber: string
  /** SHA-256 of the DER, lower-case hexadecimal: what a certificate is recognised by. */
  readonly fingerprint: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/** The part of an event that is read. `authentication` is there when API Gateway did mutual TLS, and only API Gateway can write it. */
export interface CertifiedEvent {
  readonly requestContext?: {
    readonly authentication?: {
      readonly clientCert?: {
        readonly clientCertPem?: unknown
        /** Whatever it is: the gateway of this machine has not checked who issued the certificate. API Gateway never writes it. */
        readonly unverified?: unknown
      } | null
    } | null
  }
}

const maxPemCharacters = 32_768
const oneCertificate = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/

/** RFC 5280 §4.2.1.12. */
const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyUsage = '2.5.29.37.0'

/**
 * The client certificate in `requestContext.authentication.clientCert` of a payload-2.0 event. Its chain was checked against the trust
 * store by API Gateway, which does not look at revocation. Everything is read from the certificate itself; the subject, issuer and
 * validity that stand beside it in the event are ignored. Checked here: it is valid now (RFC 5280 §4.1.2.5), and if it names extended
 * key usages, client authentication is among them.
 *
 * @returns `undefined` when the connection had no client certificate
 * @throws {MmfError} `client_certificate_invalid`
 */
export function clientCertificate(event: CertifiedEvent, clock: Clock): ClientCertificate | undefined {
  const presented = event.requestContext?.authentication?.clientCert
  if (presented === undefined || presented === null) return undefined
  const certificate = parse(presented.clientCertPem)
  const notBefore = certificate.validFromDate
  const notAfter = certificate.validToDate
  const now = clock.now().getTime()
  if (!(now >= notBefore.getTime())) throw refusal('client_certificate_invalid', 'it is not valid yet')
  if (!(now <= notAfter.getTime())) throw refusal('client_certificate_invalid', 'it has expired')
  if (!isForClients(certificate)) throw refusal('client_certificate_invalid', 'it is not for client authentication')
  return {
    pem: certificate.toString(),
    der: certificate.raw,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore,
    notAfter,
  }
}

/**
 * As {@link clientCertificate}, for `require_mutual_tls: true`: no certificate is an error, and neither does one count whose issuer no gateway checked.
 *
 * @throws {MmfError} `client_certificate_required`, `client_certificate_invalid`
 */
export function requireClientCertificate(event: CertifiedEvent, clock: Clock): ClientCertificate {
  const certificate = clientCertificate(event, clock)
  if (certificate === undefined) throw refusal('client_certificate_required')
  if (event.requestContext?.authentication?.clientCert?.unverified !== undefined)
    throw refusal(
      'client_certificate_invalid',
      'who issued it was not checked (tls.client_certificates is not require)',
    )
  return certificate
}

/**
 * What a token names the certificate of the connection by (`x5t#S256`, RFC 8705 §3.1). Possession of the key is what counts here; whether the
 * certificate is good is for {@link clientCertificate}.
 *
 * @returns `undefined` when the connection had no client certificate
 * @throws {MmfError} `client_certificate_invalid` for what is no certificate
 */
export function clientCertificateThumbprint(event: CertifiedEvent): string | undefined {
  const presented = event.requestContext?.authentication?.clientCert
  if (presented === undefined || presented === null) return undefined
  return createHash('sha256').update(parse(presented.clientCertPem).raw).digest('base64url')
}

function parse(pem: unknown): X509Certificate {
  if (typeof pem !== 'string' || pem.length > maxPemCharacters || !oneCertificate.test(pem)) {
    throw refusal('client_certificate_invalid', 'one PEM certificate is expected')
  }
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw refusal('client_certificate_invalid', 'it cannot be parsed', cause)
  }
}

function isForClients({ keyUsage }: X509Certificate): boolean {
  // Node calls the extended key usage `keyUsage`. Absent means any (RFC 5280 §4.2.1.12).
  const usages: readonly string[] | undefined = keyUsage
  return usages === undefined || usages.includes(clientAuth) || usages.includes(anyUsage)
}

function refusal(code: ErrorCode, detail?: string, cause?: unknown): MmfError {
  return new MmfError(code, { detail, headers: challenge(code), cause })
}
