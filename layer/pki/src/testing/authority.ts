import { type CertificateTemplate, issueCertificate } from './certificate.ts'
import { type CrlTemplate, issueCrl } from './crl.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type DistributionPointInput,
  keyUsage,
  subjectKeyIdentifier,
} from './extensions.ts'
import { type TestKey, testKey } from './keys.ts'
import type { NameInput } from './names.ts'
import { type CertIdInput, issueOcspResponse, type OcspTemplate, type SingleResponseInput } from './ocsp.ts'

/** A certificate the mock CA issued, with what is needed to go on from it. */
export interface IssuedCertificate {
  readonly der: Uint8Array
  readonly subject: NameInput
  readonly serial: number | bigint | Uint8Array
  readonly key: TestKey
}

export type IssueOptions = Partial<Omit<CertificateTemplate, 'key' | 'extensions'>> & {
  readonly key?: TestKey
  /** All extensions; replaces the usual ones. */
  readonly extensions?: readonly Uint8Array[]
  /** Extensions in addition to the usual ones. */
  readonly extra?: readonly Uint8Array[]
}

export interface AuthorityOptions extends IssueOptions {
  readonly pathLength?: number
}

/**
 * A CA of its own name and key. Serial numbers count up from 1 per authority, so the same calls in the same order give the same
 * names and numbers. Keys come from the shared pool by the subject's name unless one is given.
 */
export class MockAuthority {
  readonly name: NameInput
  readonly key: TestKey
  readonly certificate: IssuedCertificate
  #serial = 0

  constructor(name: NameInput, key: TestKey, certificate: IssuedCertificate) {
    this.name = name
    this.key = key
    this.certificate = certificate
  }

  /** The CA's own certificate. */
  get der(): Uint8Array {
    return this.certificate.der
  }

  /** An end-entity certificate with digitalSignature and key identifiers. */
  issue(subject: NameInput, options: IssueOptions = {}): IssuedCertificate {
    const key = options.key ?? testKey('p256', labelOf(subject))
    const usual = [keyUsage(['digitalSignature']), subjectKeyIdentifier(key), authorityKeyIdentifier({ key: this.key })]
    return this.#issue(subject, key, usual, options)
  }

  /** A CA certificate under this one. */
  subordinate(subject: NameInput, options: AuthorityOptions = {}): MockAuthority {
    const key = options.key ?? testKey('p256', labelOf(subject))
    const usual = [...authorityExtensions(key, options), authorityKeyIdentifier({ key: this.key })]
    return new MockAuthority(subject, key, this.#issue(subject, key, usual, options))
  }

  #issue(subject: NameInput, key: TestKey, usual: readonly Uint8Array[], options: IssueOptions): IssuedCertificate {
    const serial = options.serial ?? ++this.#serial
    const extensions = options.extensions ?? [...usual, ...(options.extra ?? [])]
    const bytes = issueCertificate({
      issuer: this.name,
      signer: this.key,
      ...options,
      subject: options.subject ?? subject,
      key,
      serial,
      extensions,
    })
    return { der: bytes, subject, serial, key }
  }

  /** A CRL signed by this CA; complete and empty unless told otherwise. */
  crl(template: Partial<CrlTemplate> = {}): Uint8Array {
    return issueCrl({ issuer: this.name, signer: this.key, ...template })
  }

  /** A CertID for a certificate of this CA. */
  certId(serial: CertIdInput['serial'], hash?: CertIdInput['hash']): CertIdInput {
    return { issuer: this.name, issuerSpki: this.key.spki, serial, ...(hash && { hash }) }
  }

  /** An OCSP response signed by this CA itself, responder by name, unless told otherwise. */
  ocsp(responses: readonly SingleResponseInput[], template: Partial<OcspTemplate> = {}): Uint8Array {
    return issueOcspResponse({ signer: this.key, responder: { byName: this.name }, responses, ...template })
  }
}

/** A self-signed CA: a trust anchor for tests. */
export function createRoot(subject: NameInput = 'C=UT, CN=Test Root', options: AuthorityOptions = {}): MockAuthority {
  const key = options.key ?? testKey('p256', labelOf(subject))
  const serial = options.serial ?? 1
  const extensions = options.extensions ?? [...authorityExtensions(key, options), ...(options.extra ?? [])]
  const bytes = issueCertificate({
    issuer: subject,
    signer: key,
    ...options,
    subject,
    key,
    serial,
    extensions,
  })
  return new MockAuthority(subject, key, { der: bytes, subject, serial, key })
}

function authorityExtensions(key: TestKey, options: AuthorityOptions): Uint8Array[] {
  const { pathLength } = options
  return [
    basicConstraints({ ca: true, ...(pathLength !== undefined && { pathLength }) }),
    keyUsage(['keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(key),
  ]
}

function labelOf(subject: NameInput): string {
  return typeof subject === 'string' ? subject : Buffer.from(subject).toString('hex')
}

/** A distribution point that names one URI. */
export function uriPoint(uri: string): DistributionPointInput {
  return { name: { fullName: [{ uri }] } }
}
