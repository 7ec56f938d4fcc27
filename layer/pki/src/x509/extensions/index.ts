import type { Extension, ExtensionDecoder } from '../extension.ts'
import { unprocessedContent } from './critical-content.ts'
import { extensionDecoders } from './decoders.ts'

const decoders: Readonly<Record<string, ExtensionDecoder<unknown>>> = extensionDecoders

/**
 * Decodes an extension that is known; false for any other.
 * @throws extension_malformed
 */
export function decodeIfKnown(extension: Extension): boolean {
  if (extension.isDecoded) return true
  const decoder = decoders[extension.oid]
  if (decoder === undefined) return false
  extension.decode(decoder)
  return true
}

/**
 * What a known extension holds that is not processed here, so that it must be refused where it is critical (RFC 5280 §4.2). Undefined where
 * all is understood, and for an extension that is not known.
 * @throws extension_malformed
 */
export function unprocessedPart(extension: Extension): string | undefined {
  const decoder = decoders[extension.oid]
  return decoder === undefined ? undefined : unprocessedContent(extension.oid, extension.decode(decoder))
}
