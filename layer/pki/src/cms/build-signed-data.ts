import { createHash } from 'node:crypto'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { type HashName, hashByName } from '../signature/hash-algorithms.ts'
import { parseCertificate } from '../x509/certificate.ts'

export interface SignerInput {
  /** DER certificate of the signer. It is embedded only if `certificates` holds it. */
  readonly certificate: Uint8Array
  /** How the certificate is named. Default issuerAndSerialNumber. */
  readonly sid?: 'issuerAndSerialNumber' | 'subjectKeyIdentifier'
  /** Digest of the content. Default sha256. */
  readonly digest?: HashName
  /** DER AlgorithmIdentifier of the signature. */
  readonly signatureAlgorithm: Uint8Array
  /** Signs the attributes, or the content where there are none. */
  readonly sign: (data: Uint8Array) => Uint8Array
  /** Adds the signing-time attribute (RFC 5652 §11.3). */
  readonly signingTime?: Date
  /** More signed attributes, each a DER Attribute. */
  readonly attributes?: readonly Uint8Array[]
  /** Sign the content itself. Only for id-data (RFC 5652 §5.3). Default false. */
  readonly withoutAttributes?: boolean
}

export interface SignedDataInput {
  /** eContentType. */
  readonly contentType: string
  readonly content: Uint8Array
  readonly signers: readonly SignerInput[]
  /** DER certificates to embed. */
  readonly certificates?: readonly Uint8Array[]
  /** DER CRLs to embed. */
  readonly crls?: readonly Uint8Array[]
  /** Leave the content out (RFC 5652 §5.2). Default false. */
  readonly detached?: boolean
}

/** One Attribute (RFC 5652 §5.3). */
export function attribute(oid: string, ...values: readonly Uint8Array[]): Uint8Array {
  return der.sequence(der.oid(oid), der.set(...values))
}

/**
 * Builds a signed ContentInfo (RFC 5652 §5) in DER, versions by the rules of §5.1 and §5.3.
 *
 * @throws argument_invalid where the standard forbids what is asked for; certificate_malformed; what `sign` throws
 */
export function buildSignedData(input: SignedDataInput): Uint8Array {
  const { contentType, content, signers, certificates = [], crls = [] } = input
  refuseUnknown(signedDataInputFields, input)
  for (const [index, signer] of signers.entries()) refuseUnknown(signerInputFields, signer, `signers.${index}`)
  const digests = [...new Set(signers.map(signer => signer.digest ?? 'sha256'))]
  const bySubjectKey = signers.some(signer => signer.sid === 'subjectKeyIdentifier')
  const version = contentType !== oids.data || bySubjectKey ? 3 : 1
  const encapsulated = input.detached === true ? [] : [der.explicit(0, der.octetString(content))]
  const signedData = der.sequence(
    der.integer(version),
    der.set(...digests.map(digestIdentifier)),
    der.sequence(der.oid(contentType), ...encapsulated),
    ...(certificates.length > 0 ? [der.implicit(0, der.set(...certificates))] : []),
    ...(crls.length > 0 ? [der.implicit(1, der.set(...crls))] : []),
    der.set(...signers.map(signer => signerInfo(signer, contentType, content))),
  )
  return der.sequence(der.oid(oids.signedData), der.explicit(0, signedData))
}

/** RFC 5754 §2: SHA-2 identifiers are written without parameters. */
function digestIdentifier(hash: HashName): Uint8Array {
  return der.sequence(der.oid(hashByName(hash).oid))
}

function signerInfo(signer: SignerInput, contentType: string, content: Uint8Array): Uint8Array {
  const hash = signer.digest ?? 'sha256'
  if (signer.withoutAttributes === true && contentType !== oids.data) {
    throw new PkiError('argument_invalid', 'content other than id-data is signed with attributes (RFC 5652 §5.3)')
  }
  const attributes =
    signer.withoutAttributes === true ? undefined : signedAttributes(signer, hash, contentType, content)
  return der.sequence(
    der.integer(signer.sid === 'subjectKeyIdentifier' ? 3 : 1),
    signerIdentifier(signer),
    digestIdentifier(hash),
    ...(attributes === undefined ? [] : [der.implicit(0, attributes)]),
    signer.signatureAlgorithm,
    der.octetString(signer.sign(attributes ?? content)),
  )
}

function signedAttributes(signer: SignerInput, hash: HashName, contentType: string, content: Uint8Array): Uint8Array {
  return der.set(
    attribute(oids.contentType, der.oid(contentType)),
    attribute(oids.messageDigest, der.octetString(createHash(hash).update(content).digest())),
    ...(signer.signingTime === undefined ? [] : [attribute(oids.signingTime, der.time(signer.signingTime))]),
    ...(signer.attributes ?? []),
  )
}

function signerIdentifier(signer: SignerInput): Uint8Array {
  const certificate = parseCertificate(signer.certificate)
  if (signer.sid !== 'subjectKeyIdentifier') {
    return der.sequence(certificate.issuer.raw, der.tlv(0x02, certificate.serialNumber))
  }
  const keyIdentifier = certificate.subjectKeyIdentifier
  if (keyIdentifier === undefined)
    throw new PkiError('argument_invalid', 'the certificate has no subject key identifier')
  return der.contextPrimitive(0, keyIdentifier)
}

export const signedDataInputFields = optionFields<SignedDataInput>({
  contentType: 1,
  content: 1,
  signers: 1,
  certificates: 1,
  crls: 1,
  detached: 1,
})

export const signerInputFields = optionFields<SignerInput>({
  certificate: 1,
  sid: 1,
  digest: 1,
  signatureAlgorithm: 1,
  sign: 1,
  signingTime: 1,
  attributes: 1,
  withoutAttributes: 1,
})
