import { isSecretName, PRIVATE_JWK_MEMBERS, REDACTED, redactText } from './redaction.ts'

/** Bounds of one record. With them no log line comes near the 256 KB that CloudWatch takes for one event. */
const LIMITS = { depth: 8, entries: 100, textCharacters: 8192, totalCharacters: 32_768 }

/** Own members of an error that are logged besides its standard ones would drag whole requests along; these are worth it. */
const ERROR_MEMBERS = ['code', 'detail', 'members', 'errors', '$metadata'] as const

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
const MAX_REMEMBERED = 2000

/** A sanitizer with its own memory of names. */
export function createSanitizer(): Sanitizer {
  const secretNames = new Map<string, boolean>()
  const isSecret = (name: string): boolean => {
    let known = secretNames.get(name)
    if (known === undefined) {
      known = isSecretName(name)
      if (secretNames.size < MAX_REMEMBERED) secretNames.set(name, known)
    }
    return known
  }
  const fresh = (): State => ({ left: LIMITS.totalCharacters, ancestors: [] })
  return {
    record: fields => {
      const copy = visitObject(fields, fresh(), isSecret)
      return typeof copy === 'object' ? copy : { fields: copy }
    },
    text: value => visitText(value, fresh()),
  }
}

type IsSecret = (name: string) => boolean

function visit(value: unknown, state: State, isSecret: IsSecret): unknown {
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
      return value === null ? null : visitGuarded(value, state, isSecret)
    default:
      return value
  }
}

function visitText(value: string, state: State): string {
  const room = Math.max(0, Math.min(LIMITS.textCharacters, state.left))
  state.left -= Math.min(value.length, room)
  if (value.length <= room) return redactText(value)
  return `${redactText(value.slice(0, room))}… (${value.length - room} more characters)`
}

/** Objects of others may throw at every touch: getters, proxies, toJSON. */
function visitGuarded(value: object, state: State, isSecret: IsSecret): unknown {
  if (state.left <= 0) return '[cut]'
  if (state.ancestors.includes(value)) return '[circular]'
  if (state.ancestors.length >= LIMITS.depth) return '[too deep]'
  state.ancestors.push(value)
  try {
    return visitKind(value, state, isSecret)
  } catch {
    return '[unreadable]'
  } finally {
    state.ancestors.pop()
  }
}

function visitKind(value: object, state: State, isSecret: IsSecret): unknown {
  if (value instanceof Error) return visitError(value, state, isSecret)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`
  if (Array.isArray(value)) return visitArray(value, state, isSecret)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return visit(toJSON.call(value), state, isSecret)
  return visitObject(value as Record<string, unknown>, state, isSecret)
}

function visitArray(value: readonly unknown[], state: State, isSecret: IsSecret): unknown[] {
  const copy: unknown[] = []
  for (const entry of value.slice(0, LIMITS.entries)) {
    if (state.left <= 0) break
    copy.push(visit(entry, state, isSecret))
  }
  if (copy.length < value.length) copy.push(`[${value.length - copy.length} more]`)
  return copy
}

function visitObject(
  value: Readonly<Record<string, unknown>>,
  state: State,
  isSecret: IsSecret,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  const names = Object.keys(value)
  const isJwk = names.includes('kty')
  let count = 0
  for (const name of names) {
    if (count++ >= LIMITS.entries || state.left <= 0) {
      copy['…'] = `${names.length - count + 1} more`
      break
    }
    state.left -= name.length
    // Assigning to __proto__ would change the copy, not fill it.
    const safeName = name === '__proto__' ? '_proto_' : name.slice(0, 128)
    const isHidden = isSecret(name) || (isJwk && PRIVATE_JWK_MEMBERS.has(name))
    copy[safeName] = visitMember(value, name, isHidden, state, isSecret)
  }
  return copy
}

function visitMember(
  value: Readonly<Record<string, unknown>>,
  name: string,
  isHidden: boolean,
  state: State,
  isSecret: IsSecret,
): unknown {
  try {
    const member = value[name]
    // That something is absent, or true or false, tells no secret and often the reason.
    if (isHidden && member !== undefined && member !== null && typeof member !== 'boolean') return REDACTED
    return visit(member, state, isSecret)
  } catch {
    return '[unreadable]'
  }
}

/** Name, message, stack, code and the chain of causes. An AggregateError's errors are among the members. */
function visitError(error: Error, state: State, isSecret: IsSecret): Record<string, unknown> {
  const copy: Record<string, unknown> = {
    name: visitText(String(error.name), state),
    message: visitText(String(error.message), state),
  }
  const members = error as unknown as Readonly<Record<string, unknown>>
  for (const name of ERROR_MEMBERS) {
    if (members[name] !== undefined) copy[name] = visitMember(members, name, false, state, isSecret)
  }
  if (typeof error.stack === 'string') copy['stack'] = visitText(error.stack, state)
  if (error.cause !== undefined) copy['cause'] = visit(error.cause, state, isSecret)
  return copy
}
