/** An attribute to write; bytes become base64, text where it must. `name` may carry options: `userCertificate;binary`. */
export type LdifValue = readonly [name: string, value: string | Uint8Array]

export const ldifVersion = 'version: 1\n\n'

/** Columns of a line, as most tools fold. */
const columns = 76

/** Printable ASCII of RFC 2849's SAFE-STRING; what starts with a space, a colon or "<", or ends in a space, goes as base64 (note 8). */
const safe = /^(?:[!-9;=-~](?:[ -~]*[!-~])?)?$/

/** One record with its empty line. Lines end with LF; every reader of RFC 2849 reads back the same bytes. */
export function writeLdifRecord(dn: string, attributes: readonly LdifValue[]): string {
  return `${[['dn', dn] as const, ...attributes].map(line).join('')}\n`
}

function line([name, value]: LdifValue): string {
  if (typeof value === 'string' && safe.test(value)) return fold(value === '' ? `${name}:` : `${name}: ${value}`)
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length)
  return fold(bytes.length === 0 ? `${name}:` : `${name}:: ${bytes.toString('base64')}`)
}

function fold(text: string): string {
  if (text.length <= columns) return `${text}\n`
  const lines = [text.slice(0, columns)]
  for (let at = columns; at < text.length; at += columns - 1) lines.push(` ${text.slice(at, at + columns - 1)}`)
  return `${lines.join('\n')}\n`
}
