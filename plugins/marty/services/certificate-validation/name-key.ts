import { isPkiError, type Name } from '@mmf/pki'

/** Names compare by their canonical form (RFC 5280 §7.1); one that cannot be decoded equals only its own encoding. */
export function nameKey(name: Name): string {
  try {
    return name.canonical.join('/')
  } catch (error) {
    if (!isPkiError(error)) throw error
    return Buffer.from(name.raw).toString('latin1')
  }
}
