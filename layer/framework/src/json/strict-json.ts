/** Bounds of one text. */
export interface JsonLimits {
  /** Deepest nesting of objects and lists. */
  readonly depth: number
  /** Members of all objects together: each costs a look-up of its name. */
  readonly members: number
  /** Elements of all lists together. */
  readonly elements: number
}

/** Why a text is refused. `path` is the dotted path of the member that is to blame; a value is never in it. */
export interface JsonFault {
  readonly kind: 'syntax' | 'duplicate' | 'reserved' | 'depth' | 'count'
  readonly reason: string
  readonly path?: string
}

export type JsonResult = { readonly value: unknown } | { readonly fault: JsonFault }

/** Characters of a path that a fault shows. */
const maxPath = 64

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 44, 91, 92, 93, 123, 125]

/**
 * Reads a JSON text (RFC 8259) as I-JSON wants it (RFC 7493 §2.3): no member twice in one object, since two readers may each believe another
 * one. Names count as they are after escapes are undone. A member called `__proto__` is refused too.
 *
 * One pass over the text finds both and stops at the bounds, before any object is made; then `JSON.parse` reads it, and alone decides about syntax.
 */
export function parseStrictJson(text: string, limits: JsonLimits): JsonResult {
  const fault = scan(text, limits)
  if (fault !== undefined) return { fault }
  try {
    return { value: JSON.parse(text) }
  } catch {
    // The parser's message quotes the text, so it goes no further.
    return { fault: { kind: 'syntax', reason: text === '' ? 'it is empty' : 'it cannot be parsed' } }
  }
}

/** An object or list that is open. */
interface Open {
  /** The names so far; absent for a list. */
  readonly names: Set<string> | undefined
  /** Where in it the scan is. */
  at: string | number
}

/** The first duplicate, or bound that is exceeded. A text that is no JSON may pass: what is not well-formed is left to the parser. */
function scan(text: string, { depth, members, elements }: JsonLimits): JsonFault | undefined {
  const open: Open[] = []
  let current: Open | undefined
  let isName = false
  const count = { members: 0, elements: 0 }
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index)
        if (end < 0) return undefined
        if (isName && current?.names !== undefined) {
          const name = nameAt(text, index, end)
          if (name === undefined) return undefined
          isName = false
          current.at = name
          count.members += 1
          if (count.members > members) return tooMany(members, 'members')
          if (name === '__proto__')
            return { kind: 'reserved', reason: 'no member may have this name', path: pathOf(open) }
          const { size } = current.names
          if (current.names.add(name).size === size)
            return { kind: 'duplicate', reason: 'given twice', path: pathOf(open) }
        }
        index = end
        break
      }
      case OPEN_OBJECT:
      case OPEN_LIST: {
        if (open.length >= depth)
          return { kind: 'depth', reason: `nested deeper than ${depth} levels`, path: pathOf(open) }
        isName = text.charCodeAt(index) === OPEN_OBJECT
        current = { names: isName ? new Set() : undefined, at: 0 }
        open.push(current)
        break
      }
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop()
        current = open.at(-1)
        isName = false
        break
      case COMMA:
        if (current?.names !== undefined) isName = true
        else if (typeof current?.at === 'number') {
          current.at += 1
          count.elements += 1
          if (count.elements > elements) return tooMany(elements, 'elements')
        }
        break
    }
  }
  return undefined
}

function tooMany(limit: number, what: 'members' | 'elements'): JsonFault {
  return { kind: 'count', reason: `more than ${limit} ${what}` }
}

/** The index of the quote that ends the string which begins at `start`; -1 when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1)
  return end
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, index: number, start: number): boolean {
  let before = index - 1
  while (before > start && text.charCodeAt(before) === BACKSLASH) before -= 1
  return (index - 1 - before) % 2 === 1
}

/** The name between two quotes; undefined when it is no JSON string. */
function nameAt(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  try {
    return JSON.parse(text.slice(start, end + 1)) as string
  } catch {
    return undefined
  }
}

function pathOf(open: readonly Open[]): string {
  return open
    .map(({ at }) => String(at))
    .join('.')
    .slice(0, maxPath)
    .toWellFormed()
}
