import { parseCrl, parseMasterList, parsePem } from '@mmf/pki'
import { decoded } from '../decoded.ts'

/** What a source sent, by content: servers seldom say it in a way one can rely on. */
export type SourceContent =
  | { readonly kind: 'ldif' }
  | { readonly kind: 'crl' | 'masterList'; readonly contents: readonly Uint8Array[] }

/** Bytes that distinguish LDIF from the other formats. */
export const headBytes = 4096

/** SEQUENCE, the first byte of every CRL and every master list in DER. */
const sequence = 0x30

/**
 * Whether the beginning of a file is LDIF (RFC 2849): after comments and empty lines, a version or a name. Undefined where it must be read
 * whole to know: DER or PEM. False for what is none of them.
 */
export function looksLikeLdif(head: Uint8Array): boolean | undefined {
  if (head[0] === sequence) return undefined
  const text = Buffer.from(head)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  if (text.startsWith('-----BEGIN ')) return undefined
  const lines = text.split(/\r?\n/).filter(line => line !== '' && !/^[# ]/.test(line))
  // A comment that long is possible; a reader of LDIF decides then.
  return lines.length === 0 ? text.startsWith('#') : /^(version|dn) *:/i.test(lines[0] ?? '')
}

/** A CRL or a master list, read whole; undefined where it is neither. */
export function readContent(content: Uint8Array): Exclude<SourceContent, { kind: 'ldif' }> | undefined {
  if (content[0] !== sequence) {
    const contents = decoded(() =>
      parsePem(Buffer.from(content).toString('latin1')).flatMap(({ label, der }) =>
        label === 'X509 CRL' ? [der] : [],
      ),
    )
    return contents === undefined || contents.length === 0 ? undefined : { kind: 'crl', contents }
  }
  if (decoded(() => parseCrl(content)) !== undefined) return { kind: 'crl', contents: [content] }
  if (decoded(() => parseMasterList(content, { tolerant: true })) === undefined) return undefined
  return { kind: 'masterList', contents: [content] }
}
