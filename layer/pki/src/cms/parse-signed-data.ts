import { readOid } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import { berRules, type DerElement, type DerReader, type DerRules, derRules, parseDer } from '../der/reader.ts'
import { contextConstructed, tags } from '../der/tags.ts'
import { readOctetString, readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import type { AlgorithmIdentifier } from '../signature/types.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { readSignerInfo } from './signer-info.ts'
import type { CmsCompatibility, CmsParseOptions, SignedData, SignerInfo } from './types.ts'
import { cmsParseOptionsFields } from './types.ts'

/** Bounds on what one SignedData may hold; far above what any list or document in use has. */
const cmsLimits = Object.freeze({ signers: 64, digestAlgorithms: 64, certificates: 10_000, crls: 10_000 })

/**
 * Reads a ContentInfo that holds SignedData (RFC 5652 §3, §5.1). Only the structure is judged; see `verifySignedData`.
 *
 * @throws cms_malformed; cms_unsupported for another content type or content that is no OCTET STRING; limit_exceeded;
 *   der_limit_exceeded over 32 MiB or 64 levels
 */
export function parseSignedData(bytes: Uint8Array, options: CmsParseOptions = {}): SignedData {
  refuseUnknown(cmsParseOptionsFields, options)
  const tolerant = options.tolerant === true
  try {
    return readContentInfo(bytes, derRules, tolerant)
  } catch (error) {
    if (!isPkiError(error)) throw error
    if (error.code !== 'der_malformed') throw error
    if (!tolerant) throw new PkiError('cms_malformed', error.message, error.details, { cause: error })
  }
  try {
    return readContentInfo(bytes, berRules, tolerant)
  } catch (error) {
    if (!isPkiError(error, 'der_malformed')) throw error
    throw new PkiError('cms_malformed', error.message, error.details, { cause: error })
  }
}

function readContentInfo(bytes: Uint8Array, rules: DerRules, tolerant: boolean): SignedData {
  const root = parseDer(bytes, rules)
  if (root.tag !== tags.SEQUENCE) throw new PkiError('cms_malformed', 'ContentInfo is no SEQUENCE')
  const info = root.children()
  const type = readOid(info.next(tags.OID))
  if (type !== oids.signedData)
    throw new PkiError('cms_unsupported', `content type ${type}, not SignedData`, { oid: type })
  const wrapper = info.next(contextConstructed(0)).children()
  const signedData = wrapper.next(tags.SEQUENCE)
  wrapper.finish()
  info.finish()
  return readSignedData(signedData, tolerant)
}

function readSignedData(element: DerElement, tolerant: boolean): SignedData {
  const fields = element.children()
  const version = readSmallInteger(fields.next(tags.INTEGER))
  const digestAlgorithms = readDigestAlgorithms(fields.next(tags.SET))
  const { contentType, content } = readEncapsulated(fields.next(tags.SEQUENCE).children())
  const certificates = readChoices(fields, 0, cmsLimits.certificates)
  const crls = readChoices(fields, 1, cmsLimits.crls)
  const signerInfos = readSignerInfos(fields.next(tags.SET), tolerant)
  fields.finish()
  const compatibility: CmsCompatibility[] = []
  if (element.rules.ber) compatibility.push('ber-encoding')
  return {
    version,
    expectedVersion: expectedVersion(contentType, certificates.others, crls.others, signerInfos),
    digestAlgorithms,
    contentType,
    ...(content && { content }),
    certificates: certificates.plain,
    crls: crls.plain,
    signerInfos,
    compatibility,
  }
}

function readDigestAlgorithms(set: DerElement): readonly AlgorithmIdentifier[] {
  const algorithms: AlgorithmIdentifier[] = []
  for (const reader = set.children(); !reader.done; ) {
    if (algorithms.length === cmsLimits.digestAlgorithms)
      throw new PkiError('limit_exceeded', 'too many digest algorithms')
    algorithms.push(readAlgorithmIdentifier(reader.next(tags.SEQUENCE)))
  }
  return algorithms
}

/** EncapsulatedContentInfo (RFC 5652 §5.2). PKCS #7 v1.5 allowed any type as content (§5.2.1); that is not read here. */
function readEncapsulated(fields: DerReader): { contentType: string; content?: Uint8Array } {
  const contentType = readOid(fields.next(tags.OID))
  if (fields.done) return { contentType }
  const wrapper = fields.next(contextConstructed(0)).children()
  fields.finish()
  const octets = wrapper.any()
  wrapper.finish()
  const isOctetString =
    octets.tag === tags.OCTET_STRING || (octets.rules.ber && octets.tag === (tags.OCTET_STRING | 0x20))
  if (!isOctetString) throw new PkiError('cms_unsupported', 'content is no OCTET STRING')
  return { contentType, content: readOctetString(octets) }
}

interface Choices {
  /** Elements that are a certificate or CRL: SEQUENCE. */
  readonly plain: readonly Uint8Array[]
  /** Context tag numbers of the other choices (RFC 5652 §10.2.1, §10.2.2). */
  readonly others: ReadonlySet<number>
}

/** CertificateSet or RevocationInfoChoices, [0] or [1] IMPLICIT. */
function readChoices(fields: DerReader, tag: number, limit: number): Choices {
  const plain: Uint8Array[] = []
  const others = new Set<number>()
  const set = fields.optional(contextConstructed(tag))
  if (set === undefined) return { plain, others }
  let count = 0
  for (const reader = set.children(); !reader.done; ) {
    if (++count > limit) throw new PkiError('limit_exceeded', `more than ${limit} certificates or CRLs`)
    const element = reader.any()
    if (element.tag === tags.SEQUENCE) plain.push(element.raw)
    else others.add(element.tag & 0x1f)
  }
  return { plain, others }
}

function readSignerInfos(set: DerElement, tolerant: boolean): readonly SignerInfo[] {
  const signers: SignerInfo[] = []
  for (const reader = set.children(); !reader.done; ) {
    if (signers.length === cmsLimits.signers)
      throw new PkiError('limit_exceeded', `more than ${cmsLimits.signers} signers`)
    signers.push(readSignerInfo(reader.next(tags.SEQUENCE), tolerant))
  }
  return signers
}

/** RFC 5652 §5.1, the table under CMSVersion. Choices: [1] v1AttrCert, [2] v2AttrCert, [3] other; among CRLs [1] other. */
function expectedVersion(
  contentType: string,
  certificates: ReadonlySet<number>,
  crls: ReadonlySet<number>,
  signers: readonly SignerInfo[],
): number {
  if (certificates.has(3) || crls.size > 0) return 5
  if (certificates.has(2)) return 4
  if (certificates.has(1) || contentType !== oids.data || signers.some(signer => signer.version === 3)) return 3
  return 1
}
