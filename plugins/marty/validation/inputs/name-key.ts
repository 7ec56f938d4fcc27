import type { Name } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'

/** Names compare by their canonical form (RFC 5280 §7.1); one that cannot be decoded equals only its own encoding. */
export function nameKey(name: Name): string {
  return decoded(() => name.key) ?? Buffer.from(name.raw).toString('latin1')
}
