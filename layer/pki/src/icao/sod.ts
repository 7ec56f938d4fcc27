import { parseSignedData } from '../cms/parse-signed-data.ts'
import type { SignedData } from '../cms/types.ts'
import { oids } from '../der/oid-names.ts'
import { berRules, derRules, parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { type LdsSecurityObject, parseLdsSecurityObject } from './lds-security-object.ts'

/** EF.SOD's tag: APPLICATION 23, constructed (Doc 9303-10 §4.6.2). */
const efSodTag = 0x77

/** Departures from Doc 9303 that a caller may allow, by the names verdicts and logs give them. */
type SodCompatibility = 'sod-content-type-data' | 'sod-without-tag'

export interface SodParseOptions {
  /** Accept id-data as eContentType, as early issuers wrote it. Named `sod-content-type-data`. Default false. */
  readonly allowDataContentType?: boolean
  /** Read a SignedData that stands alone, as some readers hand it over, the tag 0x77 taken off. Named `sod-without-tag`. Default false. */
  readonly allowMissingTag?: boolean
  /** Read the CMS structure tolerantly; see `parseSignedData`. Default false. */
  readonly tolerant?: boolean
}

/** A document security object, parsed; nothing of it is verified. */
export interface Sod {
  readonly signedData: SignedData
  readonly securityObject: LdsSecurityObject
  readonly compatibility: readonly SodCompatibility[]
}

/**
 * Reads an EF.SOD (ICAO Doc 9303-10 §4.6.2): APPLICATION 23 around SignedData of version 3, whose content is an LDS security
 * object, and nothing behind it.
 *
 * @throws argument_invalid for a field that the options do not have; sod_malformed; cms_unsupported for ContentInfo that is no SignedData; algorithm_unavailable; limit_exceeded,
 *   der_limit_exceeded
 */
export function parseSod(bytes: Uint8Array, options: SodParseOptions = {}): Sod {
  refuseUnknown(sodParseOptionsFields, options)
  try {
    return readSod(bytes, options)
  } catch (error) {
    if (!isPkiError(error, 'der_malformed') && !isPkiError(error, 'cms_malformed')) throw error
    throw new PkiError('sod_malformed', error.message, error.details, { cause: error })
  }
}

function readSod(bytes: Uint8Array, options: SodParseOptions): Sod {
  const { tolerant = false, allowDataContentType = false, allowMissingTag = false } = options
  const file = parseDer(bytes, tolerant ? berRules : derRules)
  const bare = file.tag === tags.SEQUENCE && allowMissingTag
  if (file.tag !== efSodTag && !bare) throw malformed(`tag 0x${file.tag.toString(16)}, not that of EF.SOD (0x77)`)
  const signedData = parseSignedData(bare ? bytes : file.content, { tolerant })
  // Doc 9303-10 §4.6.2.2, Table 37: the version is v3.
  if (signedData.version !== 3) throw malformed(`SignedData of version ${signedData.version}, not 3`)
  const { contentType, content } = signedData
  const isData = contentType === oids.data && allowDataContentType
  if (contentType !== oids.ldsSecurityObject && !isData) throw malformed(`content type ${contentType}`)
  if (content === undefined) throw malformed('the LDS security object is missing')
  return {
    // Version and signed attributes follow from Doc 9303-10 §4.6.2.2 (Table 37) here, whatever the content type.
    signedData: { ...signedData, expectedVersion: 3, attributesRequired: true },
    securityObject: parseLdsSecurityObject(content),
    compatibility: [
      ...(isData ? (['sod-content-type-data'] as const) : []),
      ...(bare ? (['sod-without-tag'] as const) : []),
    ],
  }
}

function malformed(reason: string): PkiError {
  return new PkiError('sod_malformed', reason)
}

export const sodParseOptionsFields = optionFields<SodParseOptions>({
  allowDataContentType: 1,
  allowMissingTag: 1,
  tolerant: 1,
})
