import { isSecretName, privateJwkMembers, redactedText, redactText } from './redaction.ts'

/** Bounds of one record. With them no log line comes near the 256 KB that CloudWatch takes for one event. */
const limits = { depth: 8, entries: 100, textCharacters: 8192, totalCharacters: 32_768 }

/** Own members of an error that are logged besides its standard ones would drag whole requests along; these are worth it. */
const errorMembers = ['code', 'detail', 'members', 'errors', '$metadata'] as const

/** Members that hold the name of what is in `value` beside them. */
const pairNames = ['name', 'key', 'header', 'field'] as const

/** Makes values fit for a log line or a span. */
export interface Sanitizer {
  /**
   * A copy of `fields` that is plain JSON: secrets redacted by name and by value, errors with code and chain of causes, bytes as their
   * length, cycles and what is too deep or too long cut. Never throws, also when a getter or `toJSON` does.
   */
  record(fields: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** A text, cut and redacted. */
  text(value: string): string
}

interface State {
  left: number
  readonly ancestors: object[]
}

/** Whether a name is secret is remembered for this many names; field names of a program are few. */
const maxRemembered = 2000

/** A sanitizer with its own memory of names. */
export function createSanitizer(): Sanitizer {
  const names = new Map<string, Name>()
  const nameOf = (name: string): Name => {
    let known = names.get(name)
    if (known === undefined) {
      known = { isSecret: isSecretName(name), shown: shownName(name) }
      if (names.size < maxRemembered) names.set(name, known)
    }
    return known
  }
  const fresh = (): State => ({ left: limits.totalCharacters, ancestors: [] })
  return {
    record: fields => {
      const copy = visitObject(fields, fresh(), nameOf)
      return typeof copy === 'object' ? copy : { fields: copy }
    },
    text: value => visitText(value, fresh()),
  }
}

/** What is to be known of the name of a field. */
interface Name {
  readonly isSecret: boolean
  /** As it stands in the copy. A value may have become a name, so it is redacted like one. */
  readonly shown: string
}

type NameOf = (name: string) => Name

/** Assigning to __proto__ would change the copy, not fill it. */
function shownName(name: string): string {
  return name === '__proto__' ? '_proto_' : redactText(name.slice(0, 128))
}

function visit(value: unknown, state: State, nameOf: NameOf): unknown {
  switch (typeof value) {
    case 'string':
      return visitText(value, state)
    case 'number':
      state.left -= 8
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return visitText(String(value), state)
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    case 'object':
      return value === null ? null : visitGuarded(value, state, nameOf)
    default:
      return value
  }
}

function visitText(value: string, state: State): string {
  const room = Math.max(0, Math.min(limits.textCharacters, state.left))
  state.left -= Math.min(value.length, room)
  if (value.length <= room) return redactText(value)
  return `${redactText(value.slice(0, room))}… (${value.length - room} more characters)`
}

/** Objects of others may throw at every touch: getters, proxies, toJSON. */
function visitGuarded(value: object, state: State, nameOf: NameOf): unknown {
  if (state.left <= 0) return '[cut]'
  if (state.ancestors.includes(value)) return '[circular]'
  if (state.ancestors.length >= limits.depth) return '[too deep]'
  state.ancestors.push(value)
  try {
    return visitKind(value, state, nameOf)
  } catch {
    return '[unreadable]'
  } finally {
    state.ancestors.pop()
  }
}

function visitKind(value: object, state: State, nameOf: NameOf): unknown {
  if (value instanceof Error) return visitError(value, state, nameOf)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`
  if (Array.isArray(value)) return visitArray(value, state, nameOf)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return visit(toJSON.call(value), state, nameOf)
  return visitObject(value as Record<string, unknown>, state, nameOf)
}

function visitArray(value: readonly unknown[], state: State, nameOf: NameOf): unknown[] {
  const copy: unknown[] = []
  // `['x-api-key', …]`, and the flat list of names and values that Node calls rawHeaders.
  const isPairs = value.length % 2 === 0 && typeof value[0] === 'string'
  for (const [index, entry] of value.slice(0, limits.entries).entries()) {
    if (state.left <= 0) break
    const before = isPairs && index % 2 === 1 ? value[index - 1] : undefined
    const isHidden = typeof before === 'string' && nameOf(before.slice(0, 128)).isSecret
    copy.push(isHidden ? redactedText : visit(entry, state, nameOf))
  }
  if (copy.length < value.length) copy.push(`[${value.length - copy.length} more]`)
  return copy
}

function visitObject(value: Readonly<Record<string, unknown>>, state: State, nameOf: NameOf): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  const names = Object.keys(value)
  const isJwk = names.includes('kty')
  let count = 0
  for (const name of names) {
    if (count++ >= limits.entries || state.left <= 0) {
      copy['…'] = `${names.length - count + 1} more`
      break
    }
    state.left -= name.length
    const { isSecret, shown } = nameOf(name)
    const isHidden =
      isSecret || (isJwk && privateJwkMembers.has(name)) || (name === 'value' && namesSecret(value, names, nameOf))
    copy[shown] = visitMember(value, name, isHidden, state, nameOf)
  }
  return copy
}

/** Whether an object is a pair such as `{ name: 'x-api-key', value: … }`. */
function namesSecret(value: Readonly<Record<string, unknown>>, names: readonly string[], nameOf: NameOf): boolean {
  return pairNames.some(member => {
    const name = names.includes(member) ? value[member] : undefined
    return typeof name === 'string' && nameOf(name.slice(0, 128)).isSecret
  })
}

function visitMember(
  value: Readonly<Record<string, unknown>>,
  name: string,
  isHidden: boolean,
  state: State,
  nameOf: NameOf,
): unknown {
  try {
    const member = value[name]
    // That something is absent, or true or false, reveals no secret and often the reason.
    if (isHidden && member !== undefined && member !== null && typeof member !== 'boolean') return redactedText
    return visit(member, state, nameOf)
  } catch {
    return '[unreadable]'
  }
}

/** Name, message, stack, code and the chain of causes. An AggregateError's errors are among the members. */
function visitError(error: Error, state: State, nameOf: NameOf): Record<string, unknown> {
  const copy: Record<string, unknown> = {
    name: visitText(String(error.name), state),
    message: visitText(String(error.message), state),
  }
  const members = error as unknown as Readonly<Record<string, unknown>>
  for (const name of errorMembers) {
    if (members[name] !== undefined) copy[name] = visitMember(members, name, false, state, nameOf)
  }
  if (typeof error.stack === 'string') copy['stack'] = visitText(error.stack, state)
  if (error.cause !== undefined) copy['cause'] = visit(error.cause, state, nameOf)
  return copy
}
