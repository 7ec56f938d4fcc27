import { createHash } from 'node:crypto'
import * as der from '../der/writer.ts'
import { reasonCodes, type TestReason } from './crl.ts'
import { extension, publicKeyBits } from './extensions.ts'
import type { TestKey } from './keys.ts'
import { type NameInput, name } from './names.ts'
import { defaultAlgorithm, type SigningOptions, signBytes, signingAlgorithms } from './signing.ts'
import { testDay } from './times.ts'

const certIdHashes = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

export interface CertIdInput {
  readonly issuer: NameInput
  readonly issuerSpki: Uint8Array
  readonly serial: number | bigint | Uint8Array
  /** Default sha1, as RFC 5019 §2.1.1 asks. */
  readonly hash?: keyof typeof certIdHashes
}

/** DER CertID (RFC 6960 §4.1.1). */
export function certId(input: CertIdInput): Uint8Array {
  const { hash = 'sha1' } = input
  const digest = (bytes: Uint8Array) => der.octetString(new Uint8Array(createHash(hash).update(bytes).digest()))
  return der.sequence(
    der.sequence(der.oid(certIdHashes[hash]), der.nullValue()),
    digest(name(input.issuer)),
    digest(publicKeyBits(input.issuerSpki)),
    der.integer(input.serial),
  )
}

/** The nonce extension; its value is an OCTET STRING inside the extension's (RFC 9654 §2.1). */
export function ocspNonce(nonce: Uint8Array): Uint8Array {
  return extension('1.3.6.1.5.5.7.48.1.2', der.octetString(nonce))
}

export interface SingleResponseInput {
  readonly certId: CertIdInput | Uint8Array
  readonly status: 'good' | 'unknown' | { readonly revokedAt: Date; readonly reason?: TestReason }
  /** Default: a day before testTime. */
  readonly thisUpdate?: Date
  /** Default: a week after testTime; null leaves it out. */
  readonly nextUpdate?: Date | null
  readonly extensions?: readonly Uint8Array[]
}

function singleResponse(input: SingleResponseInput): Uint8Array {
  const { status, nextUpdate = testDay(7), extensions = [] } = input
  return der.sequence(
    input.certId instanceof Uint8Array ? input.certId : certId(input.certId),
    certStatus(status),
    der.generalizedTime(input.thisUpdate ?? testDay(-1)),
    ...(nextUpdate === null ? [] : [der.explicit(0, der.generalizedTime(nextUpdate))]),
    ...(extensions.length === 0 ? [] : [der.explicit(1, der.sequence(...extensions))]),
  )
}

function certStatus(status: SingleResponseInput['status']): Uint8Array {
  if (status === 'good') return der.implicit(0, der.nullValue())
  if (status === 'unknown') return der.implicit(2, der.nullValue())
  const reason = status.reason === undefined ? [] : [der.explicit(0, der.enumerated(reasonCodes[status.reason]))]
  return der.implicit(1, der.sequence(der.generalizedTime(status.revokedAt), ...reason))
}

export interface OcspTemplate extends SigningOptions {
  readonly signer: TestKey
  /** A name, or 'key' for the SHA-1 of the signer's key; a finished ResponderID as bytes. */
  readonly responder: { readonly byName: NameInput } | { readonly byKey: TestKey } | { readonly raw: Uint8Array }
  readonly responses: readonly SingleResponseInput[]
  /** Default: a day before testTime. */
  readonly producedAt?: Date
  /** Finished response extensions, such as the nonce. */
  readonly extensions?: readonly Uint8Array[]
  /** DER certificates sent along. */
  readonly certificates?: readonly Uint8Array[]
}

function responderId(responder: OcspTemplate['responder']): Uint8Array {
  if ('raw' in responder) return responder.raw
  if ('byName' in responder) return der.explicit(1, name(responder.byName))
  const hash = createHash('sha1').update(publicKeyBits(responder.byKey.spki)).digest()
  return der.explicit(2, der.octetString(new Uint8Array(hash)))
}

/** A successful DER OCSPResponse with a signed BasicOCSPResponse. */
export function issueOcspResponse(template: OcspTemplate): Uint8Array {
  const { extensions = [], certificates = [] } = template
  const algorithm = template.algorithm ?? defaultAlgorithm(template.signer)
  const data = der.sequence(
    responderId(template.responder),
    der.generalizedTime(template.producedAt ?? testDay(-1)),
    der.sequence(...template.responses.map(singleResponse)),
    ...(extensions.length === 0 ? [] : [der.explicit(1, der.sequence(...extensions))]),
  )
  const signature = signBytes(data, template.signer, algorithm)
  if (template.corruptSignature) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  const basic = der.sequence(
    data,
    signingAlgorithms[template.outerAlgorithm ?? algorithm].identifier,
    der.bitString(signature),
    ...(certificates.length === 0 ? [] : [der.explicit(0, der.sequence(...certificates))]),
  )
  const bytes = der.sequence(der.oid('1.3.6.1.5.5.7.48.1.1'), der.octetString(basic))
  return der.sequence(der.enumerated(0), der.explicit(0, bytes))
}

/** An OCSPResponse that carries only an error status (RFC 6960 §4.2.1): 1 malformedRequest … 6 unauthorized. */
export function issueOcspError(status: number): Uint8Array {
  return der.sequence(der.enumerated(status))
}
