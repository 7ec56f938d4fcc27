import { createHash } from 'node:crypto'
import { buildSignedData, buildSod, derWriter as der, oids, parseCertificate } from '@mmf/pki'
import { attribute } from '../../../layer/pki/src/cms/build-signed-data.ts'
import { type IssuedCertificate, signBytes, signingAlgorithms } from '../../../layer/pki/src/testing/index.ts'

const sha256 = '2.16.840.1.101.3.4.2.1'

export interface HostileChoice {
  readonly contentType?: string
  readonly content: Uint8Array
  /** The SET OF signed attributes; null leaves the field out. Default: those that the content asks for. */
  readonly attributes?: Uint8Array | null
  /** What the signature is made over. Default: the attributes, or the content where there are none. */
  readonly over?: Uint8Array
  /** Object identifier of the signer's digest. */
  readonly digest?: string
  /** AlgorithmIdentifier of the signature. */
  readonly signature?: Uint8Array
}

/** The signed attributes that bind a content (RFC 5652 §11.1, §11.2). */
export function attributesOf(content: Uint8Array, contentType: string = oids.ldsSecurityObject): Uint8Array {
  return der.set(
    attribute(oids.contentType, der.oid(contentType)),
    attribute(oids.messageDigest, der.octetString(createHash('sha256').update(content).digest())),
  )
}

/** An EF.SOD whose parts are given one by one, really signed by the document signer. */
export function hostileSod(signer: IssuedCertificate, choice: HostileChoice): Uint8Array {
  const { content, contentType = oids.ldsSecurityObject, digest = sha256 } = choice
  const attributes = choice.attributes === undefined ? attributesOf(content, contentType) : choice.attributes
  const { issuer, serialNumber } = parseCertificate(signer.der)
  const digestIdentifier = der.sequence(der.oid(digest))
  const info = der.sequence(
    der.integer(1),
    der.sequence(issuer.raw, der.tlv(0x02, serialNumber)),
    digestIdentifier,
    ...(attributes === null ? [] : [der.implicit(0, attributes)]),
    choice.signature ?? signingAlgorithms['ecdsa-sha256'].identifier,
    der.octetString(signBytes(choice.over ?? attributes ?? content, signer.key)),
  )
  const signedData = der.sequence(
    der.integer(3),
    der.set(digestIdentifier),
    der.sequence(der.oid(contentType), der.explicit(0, der.octetString(content))),
    der.implicit(0, der.set(signer.der)),
    der.set(info),
  )
  return buildSod(der.sequence(der.oid(oids.signedData), der.explicit(0, signedData)))
}

/** An LDS security object whose hashes are given as they are, two of the same data group too. */
export function rawSecurityObject(
  hashes: readonly { readonly number: number; readonly hash: Uint8Array }[],
  algorithm: string = sha256,
): Uint8Array {
  const pairs = hashes.map(({ number, hash }) => der.sequence(der.integer(number), der.octetString(hash)))
  return der.sequence(der.integer(0), der.sequence(der.oid(algorithm)), der.sequence(...pairs))
}

/** The same TLV with indefinite lengths in every constructed element but those to keep. */
export function indefinite(bytes: Uint8Array, keep: Uint8Array): Uint8Array {
  if (Buffer.compare(bytes, keep) === 0) return bytes
  const [first = 0, size = 0] = bytes
  const header = size < 0x80 ? 2 : 2 + (size & 0x7f)
  if ((first & 0x20) === 0) return bytes
  const parts = elements(bytes.subarray(header)).map(part => indefinite(part, keep))
  return der.concatBytes([Uint8Array.of(first, 0x80), ...parts, Uint8Array.of(0, 0)])
}

function elements(content: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 0; at < content.length; ) {
    const size = content[at + 1] ?? 0
    const header = size < 0x80 ? 2 : 2 + (size & 0x7f)
    const length =
      size < 0x80 ? size : content.subarray(at + 2, at + header).reduce((value, octet) => value * 256 + octet, 0)
    found.push(content.subarray(at, at + header + length))
    at += header + length
  }
  return found
}

/** An EF.SOD that names its signer by subject key identifier and embeds no certificate. */
export function sodByKeyIdentifier(signer: IssuedCertificate, content: Uint8Array): Uint8Array {
  const one = {
    certificate: signer.der,
    sid: 'subjectKeyIdentifier',
    signatureAlgorithm: signingAlgorithms['ecdsa-sha256'].identifier,
    sign: (data: Uint8Array) => signBytes(data, signer.key),
  } as const
  return buildSod(buildSignedData({ contentType: oids.ldsSecurityObject, content, signers: [one] }))
}
