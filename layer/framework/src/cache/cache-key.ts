import { createHash } from 'node:crypto'

/** What a key may be made of. Records are put into the order of their field names; undefined fields are left out. */
export type KeyPart =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly KeyPart[]
  | { readonly [field: string]: KeyPart | undefined }

const maxSegmentLength = 128

/**
 * The one key for these parts: equal parts give equal keys, different ones different keys, whatever is in the texts.
 * `cacheKey('trust_anchor', 'DE', { purpose: 'csca' })`
 */
export function cacheKey(namespace: string, ...parts: readonly KeyPart[]): string {
  if (!/^[a-z][a-z0-9_]*$/.test(namespace)) throw new TypeError(`a cache namespace is snake_case: ${namespace}`)
  return [namespace, ...parts.map(segment)].join(':')
}

/** Plain texts stay readable. All else is marked with a tilde, which no readable segment has; two of them mark a hash. */
function segment(part: KeyPart): string {
  if (typeof part === 'string' && /^[\w.-]+$/.test(part) && part.length <= maxSegmentLength) return part
  const text = canonical(part)
  const encoded = `~${Buffer.from(text).toString('base64url')}`
  return encoded.length <= maxSegmentLength ? encoded : `~~${createHash('sha256').update(text).digest('base64url')}`
}

function canonical(part: KeyPart | undefined): string {
  if (part instanceof Uint8Array) return `b${Buffer.from(part).toString('base64url')}`
  if (Array.isArray(part)) return `[${part.map(canonical).join(',')}]`
  if (typeof part !== 'object' || part === null) return JSON.stringify(part)
  const fields = Object.entries(part).filter(([, value]) => value !== undefined)
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`).join(',')}}`
}

/** The prefixes of a key that a pattern can name, shortest first, and the key itself: `a:`, `a:b:`, `a:b:c`. */
export function prefixesOf(key: string): readonly string[] {
  const segments = key.split(':')
  const prefixes = segments.slice(0, -1).map((_, i) => `${segments.slice(0, i + 1).join(':')}:`)
  return [...prefixes, key]
}

/** @throws {TypeError} when the pattern is not whole segments followed by `*` */
export function prefixOfPattern(pattern: string): string {
  if (!/^[^:*]+(:[^:*]+)*:\*$/.test(pattern)) throw new TypeError(`a cache pattern is like a:b:*, not ${pattern}`)
  return pattern.slice(0, -1)
}
