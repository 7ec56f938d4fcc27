import { createHash } from 'node:crypto'
import type { Name, RelativeDistinguishedName } from '@mmf/pki'

/**
 * The keys under which rows about a name are stored, the present one first. Earlier versions prepared names by lower case instead of the
 * folding of RFC 3454 table B.2; for a name with one of the letters that differ, their rows lie under a second key.
 * @throws name_malformed
 */
export function storedNameKeys(name: Name): readonly [string, ...string[]] {
  const earlier = createHash('sha256')
    .update(JSON.stringify(name.rdns.map(earlierRdn)))
    .digest('hex')
  return earlier === name.key ? [name.key] : [name.key, earlier]
}

/** As the earlier versions wrote it, to the letter. */
function earlierRdn(rdn: RelativeDistinguishedName): string {
  const parts = rdn.map(({ type, text, raw }) => {
    const value = text === undefined ? `#${Buffer.from(raw).toString('hex')}` : earlierPreparation(text)
    return `${type}=${value.length}:${value}`
  })
  return parts.length === 1 ? (parts[0] as string) : parts.sort().join('+')
}

function earlierPreparation(text: string): string {
  if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return text.toLowerCase()
  return text
    .replace(earlierMappedToNothing, '')
    .replace(/[\s\u0085]/gu, ' ')
    .replace(/\p{Cc}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/ {2,}/g, ' ')
    .replace(/^ | $/g, '')
}

const earlierMappedToNothing =
  /\u00ad|\u034f|\u1806|[\u180b-\u180e]|[\ufe00-\ufe0f]|\ufffc|\u06dd|\u070f|[\u200b-\u200f]|[\u202a-\u202e]|[\u2060-\u2063]|[\u206a-\u206f]|\ufeff|[\ufff9-\ufffb]/gu
