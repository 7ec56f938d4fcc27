import { createHash } from 'node:crypto'
import { readOid } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import { tags } from '../der/tags.ts'
import { readTime } from '../der/time.ts'
import { readOctetString } from '../der/values.ts'
import { isPkiError } from '../errors.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { hashOfAlgorithm } from '../signature/hash-algorithms.ts'
import { signatureCompatibilityFields } from '../signature/types.ts'
import { type CompatibilityName, type SignatureVerdict, verifyPrepared } from '../signature/verify.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { singleValue } from './attributes.ts'
import { type CmsFinding, cmsFinding } from './findings.ts'
import { hashesAgree, namesEcKey, schemeOfSigner } from './signature-scheme-of-signer.ts'
import type { CmsCompatibility, SignedData, SignerInfo, VerifySignedDataOptions } from './types.ts'
import { verifySignedDataOptionsFields } from './types.ts'

export interface SignerVerdict {
  readonly valid: boolean
  readonly signer: SignerInfo
  /** The certificate under whose key the signature was checked. It is not validated: that takes anchors. */
  readonly certificate?: Certificate
  /** The claimed time of signing, milliseconds since 1970 UTC; signed by the signer, certified by no authority. */
  readonly signingTime?: number
  readonly findings: readonly CmsFinding[]
  readonly compatibility: readonly (CmsCompatibility | CompatibilityName)[]
}

export interface SignedDataVerdict {
  /** There is a signer, and the signature of every signer is valid. Says nothing about who they are. */
  readonly valid: boolean
  readonly contentType: string
  readonly content?: Uint8Array
  readonly signers: readonly SignerVerdict[]
  /** What concerns no single signer. */
  readonly findings: readonly CmsFinding[]
  readonly compatibility: readonly (CmsCompatibility | CompatibilityName)[]
}

/** Certificates of the same issuer and serial number that are tried for one signer. */
const maxCandidates = 8

/**
 * Verifies every signature of SignedData (RFC 5652 §5.4 to §5.6): content type and digest against the signed attributes, the
 * signature over them, under the certificate each signer names.
 *
 * Guarantee: never throws for hostile input. A caller that trusts the content must also validate each signer's certificate.
 */
export function verifySignedData(signedData: SignedData, options: VerifySignedDataOptions = {}): SignedDataVerdict {
  refuseUnknown(verifySignedDataOptionsFields, options)
  refuseUnknown(signatureCompatibilityFields, options.policy, 'policy')
  const findings: CmsFinding[] = []
  const compatibility = new Set<CmsCompatibility | CompatibilityName>(signedData.compatibility)
  const content = signedData.content ?? options.content
  if (options.contentType !== undefined && signedData.contentType !== options.contentType) {
    findings.push(cmsFinding('cms_content_type_unexpected', `${signedData.contentType}, not ${options.contentType}`))
  }
  if (signedData.version !== signedData.expectedVersion) {
    if (options.tolerant === true) compatibility.add('signed-data-version')
    else findings.push(cmsFinding('cms_version_wrong', `${signedData.version}, not ${signedData.expectedVersion}`))
  }
  if (signedData.signerInfos.length === 0) findings.push(cmsFinding('cms_no_signer'))
  if (content === undefined) findings.push(cmsFinding('cms_content_missing'))
  const candidates = content === undefined ? [] : candidateCertificates(signedData, options.certificates ?? [])
  const signers = signedData.signerInfos.map(signer => verifySigner(signer, signedData, content, candidates, options))
  for (const name of signers.flatMap(signer => signer.compatibility)) compatibility.add(name)
  return {
    valid: findings.length === 0 && signers.length > 0 && signers.every(signer => signer.valid),
    contentType: signedData.contentType,
    ...(content && { content }),
    signers,
    findings,
    compatibility: [...compatibility],
  }
}

/** The certificates that the signers name, embedded ones first, whether or not a signature verifies under them. */
export function certificatesOfSigners(
  signedData: SignedData,
  given: readonly Certificate[] = [],
): readonly Certificate[] {
  const candidates = candidateCertificates(signedData, given)
  return signedData.signerInfos.flatMap(signer => candidates.filter(candidate => isNamedBySigner(signer, candidate)))
}

/** Embedded certificates that cannot be parsed are ignored; the signer they may belong to will lack its certificate. */
function candidateCertificates(signedData: SignedData, given: readonly Certificate[]): readonly Certificate[] {
  const embedded: Certificate[] = []
  for (const der of signedData.certificates) {
    try {
      embedded.push(parseCertificate(der))
    } catch (error) {
      if (!isPkiError(error)) throw error
    }
  }
  return [...embedded, ...given]
}

/** True for the certificate a signer names (RFC 5652 §5.3). */
function isNamedBySigner({ sid }: SignerInfo, certificate: Certificate): boolean {
  try {
    if (sid.type === 'issuerAndSerialNumber') {
      return bytesEqual(sid.serialNumber, certificate.serialNumber) && sid.issuer.equals(certificate.issuer)
    }
    const keyIdentifier = certificate.subjectKeyIdentifier
    return keyIdentifier !== undefined && bytesEqual(sid.keyIdentifier, keyIdentifier)
  } catch (error) {
    if (!isPkiError(error)) throw error
    return false
  }
}

interface SignerState {
  readonly findings: CmsFinding[]
  readonly compatibility: Set<CmsCompatibility | CompatibilityName>
}

function verifySigner(
  signer: SignerInfo,
  signedData: SignedData,
  content: Uint8Array | undefined,
  certificates: readonly Certificate[],
  options: VerifySignedDataOptions,
): SignerVerdict {
  const state: SignerState = { findings: [], compatibility: new Set() }
  checkSignerVersion(signer, state, options)
  let certificate: Certificate | undefined
  try {
    if (content !== undefined) {
      checkAttributes(signer, signedData, content, state)
      certificate = checkSignature(signer, content, certificates, state, options)
    }
  } catch (error) {
    if (!isPkiError(error)) throw error
    const code = error.code === 'algorithm_unavailable' ? 'cms_algorithm_unavailable' : 'cms_signature_malformed'
    state.findings.push(cmsFinding(code, error.message))
  }
  const signingTime = readSigningTime(signer, state, options.tolerant === true)
  return {
    valid: state.findings.length === 0 && certificate !== undefined,
    signer,
    ...(certificate && { certificate }),
    ...(signingTime !== undefined && { signingTime }),
    findings: state.findings,
    compatibility: [...state.compatibility],
  }
}

/** RFC 5652 §5.3: version 1 goes with issuerAndSerialNumber, 3 with subjectKeyIdentifier. */
function checkSignerVersion(signer: SignerInfo, state: SignerState, options: VerifySignedDataOptions): void {
  const expected = signer.sid.type === 'issuerAndSerialNumber' ? 1 : 3
  if (signer.version === expected) return
  if (options.tolerant === true) state.compatibility.add('signer-info-version')
  else state.findings.push(cmsFinding('cms_signer_version_wrong', `${signer.version}, not ${expected}`))
}

/** RFC 5652 §5.3, §5.6, §11.1, §11.2: the attributes bind type and digest of the content. */
function checkAttributes(signer: SignerInfo, signedData: SignedData, content: Uint8Array, state: SignerState): void {
  const { findings } = state
  const { contentType, attributesRequired = contentType !== oids.data } = signedData
  const attributes = signer.signedAttributes?.attributes
  if (attributes === undefined) {
    if (attributesRequired) findings.push(cmsFinding('cms_signed_attributes_missing', contentType))
    return
  }
  try {
    const type = singleValue(attributes, oids.contentType)
    if (type === undefined) findings.push(cmsFinding('cms_content_type_missing'))
    else if (type.tag !== tags.OID) findings.push(cmsFinding('cms_attribute_malformed', 'content-type is no OID'))
    else if (readOid(type) !== contentType) findings.push(cmsFinding('cms_content_type_mismatch', readOid(type)))
    const digest = singleValue(attributes, oids.messageDigest)
    if (digest === undefined) findings.push(cmsFinding('cms_message_digest_missing'))
    else if (digest.tag !== tags.OCTET_STRING && !digest.rules.ber) {
      findings.push(cmsFinding('cms_attribute_malformed', 'message-digest is no OCTET STRING'))
    } else if (!bytesEqual(readOctetString(digest), digestOf(signer, content))) {
      findings.push(cmsFinding('cms_message_digest_mismatch'))
    }
  } catch (error) {
    if (!isPkiError(error) || error.code === 'algorithm_unavailable') throw error
    findings.push(cmsFinding('cms_attribute_malformed', error.message))
  }
}

function digestOf(signer: SignerInfo, content: Uint8Array): Uint8Array {
  return createHash(hashOfAlgorithm(signer.digestAlgorithm).name).update(content).digest()
}

function checkSignature(
  signer: SignerInfo,
  content: Uint8Array,
  certificates: readonly Certificate[],
  state: SignerState,
  options: VerifySignedDataOptions,
): Certificate | undefined {
  const scheme = schemeOfSigner(signer)
  if (namesEcKey(signer)) {
    if (options.tolerant === true) state.compatibility.add('signature-algorithm-of-key')
    else state.findings.push(cmsFinding('cms_signature_algorithm_of_key'))
  }
  if (signer.signedAttributes !== undefined && !hashesAgree(scheme, signer)) {
    if (options.tolerant === true) state.compatibility.add('digest-algorithm-mismatch')
    else state.findings.push(cmsFinding('cms_digest_algorithm_mismatch'))
  }
  const named = certificates.filter(candidate => isNamedBySigner(signer, candidate)).slice(0, maxCandidates)
  let worst: SignatureVerdict | undefined
  for (const certificate of named) {
    for (const { data, name } of signedOctets(signer, content)) {
      const spki = certificate.subjectPublicKeyInfo.raw
      const { policy, keyCache } = options
      const request = {
        spki,
        data,
        signature: signer.signature,
        ...(policy && { policy }),
        ...(keyCache && { keyCache }),
      }
      const result = verifyPrepared(scheme, request)
      if (result.status === 'valid') {
        for (const used of result.compatibility ?? []) state.compatibility.add(used)
        if (name !== undefined) state.compatibility.add(name)
        return certificate
      }
      worst = result
    }
  }
  state.findings.push(signatureFinding(worst))
  return named[0]
}

/** What the signature may cover: the attributes in DER, or as they came where a tolerant reader found them out of order. */
function signedOctets(signer: SignerInfo, content: Uint8Array): { data: Uint8Array; name?: CmsCompatibility }[] {
  const { signedAttributes } = signer
  if (signedAttributes === undefined) return [{ data: content }]
  const { toBeSigned, asTransmitted } = signedAttributes
  if (asTransmitted === undefined) return [{ data: toBeSigned }]
  const name = 'signed-attributes-unsorted'
  return [
    { data: toBeSigned, name },
    { data: asTransmitted, name },
  ]
}

function signatureFinding(result: SignatureVerdict | undefined): CmsFinding {
  if (result === undefined) return cmsFinding('cms_signer_certificate_missing')
  if (result.status === 'unavailable') return cmsFinding('cms_algorithm_unavailable', result.reason)
  if (result.status === 'malformed') return cmsFinding('cms_signature_malformed', result.reason)
  return cmsFinding('cms_signature_invalid')
}

/** RFC 5652 §11.3. Where it cannot be read, the attribute is malformed, and so is the signature's statement. */
function readSigningTime(signer: SignerInfo, state: SignerState, tolerant: boolean): number | undefined {
  try {
    const value = singleValue(signer.signedAttributes?.attributes ?? [], oids.signingTime)
    return value === undefined ? undefined : readTime(value)
  } catch (error) {
    if (!isPkiError(error)) throw error
    if (tolerant) state.compatibility.add('signing-time-unreadable')
    else state.findings.push(cmsFinding('cms_attribute_malformed', `signing-time: ${error.message}`))
    return undefined
  }
}
