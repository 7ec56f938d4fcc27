import type { DerElement } from '../der/reader.ts'
import { optionFields } from '../options/option-fields.ts'
import type { AlgorithmIdentifier, KeyCache, SignatureCompatibility } from '../signature/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { Name } from '../x509/name.ts'

/** How to read CMS. The options of `verifySignedData` may be given as they are. */
export interface CmsParseOptions {
  /**
   * Also read what real signers write against the standard; `CmsCompatibility` lists it. Each departure met is named in
   * `compatibility`. Default false: DER alone.
   */
  readonly tolerant?: boolean
}

/** Departures from RFC 5652 that {@link CmsParseOptions.tolerant} lets pass, by the names verdicts and logs give them. */
export type CmsCompatibility =
  | 'ber-encoding'
  | 'signed-attributes-unsorted'
  | 'signed-data-version'
  | 'signer-info-version'
  | 'digest-algorithm-mismatch'
  | 'signature-algorithm-of-key'
  | 'signing-time-unreadable'

/** One Attribute (RFC 5652 §5.3): its values undecoded. */
export interface CmsAttribute {
  readonly oid: string
  readonly values: readonly DerElement[]
}

/** How a SignerInfo names its certificate (RFC 5652 §5.3). */
export type SignerIdentifier =
  | { readonly type: 'issuerAndSerialNumber'; readonly issuer: Name; readonly serialNumber: Uint8Array }
  | { readonly type: 'subjectKeyIdentifier'; readonly keyIdentifier: Uint8Array }

export interface SignerInfo {
  readonly version: number
  readonly sid: SignerIdentifier
  readonly digestAlgorithm: AlgorithmIdentifier
  /** Absent where the content is signed directly. */
  readonly signedAttributes?: {
    readonly attributes: readonly CmsAttribute[]
    /** What the signature covers: the attributes as an explicit SET OF in DER (RFC 5652 §5.4). */
    readonly toBeSigned: Uint8Array
    /** Only with a tolerant reader and attributes out of order: the same, in the order they came in. */
    readonly asTransmitted?: Uint8Array
  }
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly unsignedAttributes: readonly CmsAttribute[]
}

/** SignedData (RFC 5652 §5.1), parsed; nothing of it is verified. Byte strings are views on the input. */
export interface SignedData {
  readonly version: number
  /** The version that the rules of RFC 5652 §5.1 ask for. */
  readonly expectedVersion: number
  readonly digestAlgorithms: readonly AlgorithmIdentifier[]
  /** eContentType. */
  readonly contentType: string
  /** The octets of eContent; absent where the signature is detached. */
  readonly content?: Uint8Array
  /** X.509 certificates as they came, none parsed yet. Attribute and other certificates are left out. */
  readonly certificates: readonly Uint8Array[]
  /** CRLs as they came. Other revocation information is left out. */
  readonly crls: readonly Uint8Array[]
  readonly signerInfos: readonly SignerInfo[]
  /** Signed attributes are required whatever the content type; RFC 5652 §5.3 asks for them beside all types but id-data. */
  readonly attributesRequired?: boolean
  readonly compatibility: readonly CmsCompatibility[]
}

export interface VerifySignedDataOptions {
  /** The content of a detached signature. */
  readonly content?: Uint8Array
  /** The type the content must have (eContentType). */
  readonly contentType?: string
  /** Certificates to look for a signer in, besides the embedded ones. */
  readonly certificates?: readonly Certificate[]
  /** Accept the departures from RFC 5652 that `CmsCompatibility` names; give the same as to the parser. Default false. */
  readonly tolerant?: boolean
  readonly policy?: SignatureCompatibility
  readonly keyCache?: KeyCache
}

/** Those of the verification may be handed to the parser whole, which reads `tolerant` alone. */
export const cmsParseOptionsFields = optionFields<CmsParseOptions & VerifySignedDataOptions>({
  content: 1,
  contentType: 1,
  certificates: 1,
  tolerant: 1,
  policy: 1,
  keyCache: 1,
})

export const verifySignedDataOptionsFields = optionFields<VerifySignedDataOptions>({
  content: 1,
  contentType: 1,
  certificates: 1,
  tolerant: 1,
  policy: 1,
  keyCache: 1,
})
