import type { Value } from '../database/table.ts'

/**
 * A value as it is stored, as one text: JSON by RFC 8785, with bytes as `{"$bytes":"<base64>"}`. Two values have the same text only when they are the
 * same: a name that begins with a dollar sign gets another one.
 */
export function canonicalJson(value: Value): string {
  if (value instanceof Uint8Array) return `{"$bytes":${JSON.stringify(Buffer.from(value).toString('base64'))}}`
  if (Array.isArray(value)) return `[${value.map(element => canonicalJson(element as Value)).join(',')}]`
  // RFC 8785 §3.2.2: strings and numbers as ECMAScript writes them.
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value)
    .map(([name, member]) => [name.startsWith('$') ? `$${name}` : name, member] as const)
    // RFC 8785 §3.2.3: by UTF-16 code units, which is what comparing strings does.
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

/** The value of a canonical text. @throws {SyntaxError} for what is no JSON */
export function readCanonicalJson(text: string): Value {
  return revived(JSON.parse(text) as Value)
}

function revived(value: Value): Value {
  if (Array.isArray(value)) return value.map(element => revived(element as Value))
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  const members = Object.entries(value)
  const [only] = members
  if (members.length === 1 && only?.[0] === '$bytes' && typeof only[1] === 'string') {
    return Uint8Array.from(Buffer.from(only[1], 'base64'))
  }
  return Object.fromEntries(
    members.map(([name, member]) => [name.startsWith('$$') ? name.slice(1) : name, revived(member)]),
  )
}
