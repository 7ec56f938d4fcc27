import { oids } from '../der/oid-names.ts'
import type { DerElement } from '../der/reader.ts'
import { readString } from '../der/strings.ts'
import { contextConstructed, tags } from '../der/tags.ts'
import { readGeneralizedTime } from '../der/time.ts'
import { readInteger, readOctetString } from '../der/values.ts'
import { isPkiError } from '../errors.ts'
import type { Extension, ExtensionDecoder } from '../x509/extension.ts'
import { expectSequence, expectTag } from '../x509/extensions/expect.ts'
import { decodeNullExtension } from '../x509/extensions/null-extension.ts'
import { decodeSignedCertificateTimestamps } from '../x509/extensions/signed-certificate-timestamps.ts'
import { decodeReason } from './crl-entry-scan.ts'

const archiveCutoffOid = '1.3.6.1.5.5.7.48.1.6'

type Decoders = Readonly<Record<string, ExtensionDecoder<unknown>>>

/** The nonce. RFC 6960 left its form open; RFC 9654 §2.1 makes it an OCTET STRING within the value. @throws der_malformed */
export function decodeNonce(value: DerElement): Uint8Array {
  return readOctetString(expectTag(value, tags.OCTET_STRING))
}

/** What may be critical in responses and single responses; all others must then be refused (RFC 6960 §4.4). */
export const responseExtensions: Decoders = {
  [oids.ocspNonce]: decodeNonce,
  '1.3.6.1.5.5.7.48.1.3': readCrlReference,
  [archiveCutoffOid]: readGeneralizedTime,
  // Extended revoked definition
  '1.3.6.1.5.5.7.48.1.9': decodeNullExtension,
  [oids.reasonCode]: decodeReason,
  [oids.invalidityDate]: readGeneralizedTime,
  // Signed certificate timestamps in a response (RFC 6962 §3.3)
  '1.3.6.1.4.1.11129.2.4.5': decodeSignedCertificateTimestamps,
}

/** What may be critical in requests: nothing else is read of them. */
export const requestExtensions: Decoders = { [oids.ocspNonce]: decodeNonce }

/** CrlID ::= SEQUENCE { crlUrl [0] IA5String, crlNum [1] INTEGER, crlTime [2] GeneralizedTime }, each explicit and OPTIONAL (§4.4.2). */
function readCrlReference(value: DerElement): void {
  const fields = expectSequence(value)
  const parts = [0, 1, 2].map(number => fields.optional(contextConstructed(number)))
  fields.finish()
  const [url, number, time] = parts.map(part => (part === undefined ? undefined : onlyChild(part)))
  if (url !== undefined) readString(expectTag(url, tags.IA5_STRING))
  if (number !== undefined) readInteger(expectTag(number, tags.INTEGER))
  if (time !== undefined) readGeneralizedTime(time)
}

function onlyChild(wrapper: DerElement): DerElement {
  const reader = wrapper.children()
  const child = reader.any()
  reader.finish()
  return child
}

/** The archive cutoff, milliseconds since 1970 UTC (RFC 6960 §4.4.4). Undefined where there is none, or none that can be read. */
export function archiveCutoff(extensions: readonly Extension[]): number | undefined {
  const extension = extensions.find(({ oid }) => oid === archiveCutoffOid)
  return extension !== undefined && isUnderstood(extension, responseExtensions)
    ? extension.decode(readGeneralizedTime)
    : undefined
}

/** OID of the first critical extension that is not known, or whose value cannot be read: what holds it must not be used. */
export function criticalNotUnderstood(extensions: readonly Extension[], decoders: Decoders): string | undefined {
  return extensions.find(extension => extension.critical && !isUnderstood(extension, decoders))?.oid
}

function isUnderstood(extension: Extension, decoders: Decoders): boolean {
  const decoder = Object.hasOwn(decoders, extension.oid) ? decoders[extension.oid] : undefined
  if (decoder === undefined) return false
  try {
    extension.decode(decoder)
    return true
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return false
  }
}
