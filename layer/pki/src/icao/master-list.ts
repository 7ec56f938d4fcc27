import { parseSignedData } from '../cms/parse-signed-data.ts'
import type { CmsParseOptions, SignedData } from '../cms/types.ts'
import { cmsParseOptionsFields } from '../cms/types.ts'
import { oids } from '../der/oid-names.ts'
import { parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'

/** More certificates than this make no list; the largest in use hold some hundreds. */
const maxMasterListCertificates = 10_000

/** A CSCA master list, parsed; nothing of it is verified. */
export interface MasterList {
  readonly signedData: SignedData
  /** DER as it came, views on the input, in the order of the list. */
  readonly certificates: readonly Uint8Array[]
}

/**
 * Reads a signed CSCA master list (ICAO Doc 9303-12, CSCA Master List): SignedData of version 3 whose content is a CscaMasterList, version 0.
 * The certificates themselves are not parsed; see {@link masterListCertificates}.
 *
 * @throws master_list_malformed; cms_unsupported for ContentInfo that is no SignedData; limit_exceeded over 10,000
 *   certificates; der_limit_exceeded over 32 MiB
 */
export function parseMasterList(bytes: Uint8Array, options: CmsParseOptions = {}): MasterList {
  refuseUnknown(cmsParseOptionsFields, options)
  try {
    const signedData = parseSignedData(bytes, options)
    const { contentType, content } = signedData
    if (contentType !== oids.cscaMasterList) throw malformed(`content type ${contentType}`)
    // Doc 9303-12, profile of SignedData: the version is v3.
    if (signedData.version !== 3) throw malformed(`SignedData of version ${signedData.version}, not 3`)
    if (content === undefined) throw malformed('the list is missing')
    return { signedData, certificates: readList(content) }
  } catch (error) {
    if (!isPkiError(error, 'der_malformed') && !isPkiError(error, 'cms_malformed')) throw error
    throw new PkiError('master_list_malformed', error.message, error.details, { cause: error })
  }
}

/** CscaMasterList ::= SEQUENCE { version (v0), certList SET OF Certificate } */
function readList(content: Uint8Array): readonly Uint8Array[] {
  const element = parseDer(content)
  if (element.tag !== tags.SEQUENCE) throw malformed('CscaMasterList is no SEQUENCE')
  const fields = element.children()
  const version = readSmallInteger(fields.next(tags.INTEGER))
  if (version !== 0) throw malformed(`CscaMasterList of version ${version}`)
  const set = fields.next(tags.SET).children()
  fields.finish()
  const certificates: Uint8Array[] = []
  while (!set.done) {
    if (certificates.length === maxMasterListCertificates) {
      throw new PkiError('limit_exceeded', `more than ${maxMasterListCertificates} certificates`)
    }
    certificates.push(set.next(tags.SEQUENCE).raw)
  }
  return certificates
}

export interface MasterListCertificates {
  readonly certificates: readonly Certificate[]
  /** Those that could not be parsed: position in the list and why. */
  readonly malformed: readonly { readonly index: number; readonly error: PkiError }[]
}

/** Parses the certificates of a list. One that cannot be parsed is named and does not keep the others from being read. */
export function masterListCertificates({ certificates }: MasterList): MasterListCertificates {
  const parsed: Certificate[] = []
  const refused: { index: number; error: PkiError }[] = []
  for (const [index, der] of certificates.entries()) {
    try {
      parsed.push(parseCertificate(der))
    } catch (error) {
      if (!isPkiError(error)) throw error
      refused.push({ index, error })
    }
  }
  return { certificates: parsed, malformed: refused }
}

function malformed(reason: string): PkiError {
  return new PkiError('master_list_malformed', reason)
}
