import type { LogFields } from './observability.ts'
import type { Sanitizer } from './sanitizer.ts'

export type TagValue = string | number | boolean

const maxTags = 50
const maxTagCharacters = 1024

/** The tags of one span: sanitized, at most 50, texts of at most 1,024 characters. */
export interface SpanTags {
  set(key: string, value: unknown): void
  readonly all: Readonly<Record<string, TagValue>>
}

export function createSpanTags(sanitizer: Sanitizer, initial: LogFields): SpanTags {
  const all: Record<string, TagValue> = {}
  const tags: SpanTags = {
    all,
    set(key, value) {
      if (Object.keys(all).length >= maxTags && !Object.hasOwn(all, key)) return
      for (const [name, clean] of Object.entries(sanitizer.record({ [key]: value }))) {
        if (clean !== undefined) all[name] = tagValue(clean)
      }
    },
  }
  for (const [key, value] of Object.entries(initial)) tags.set(key, value)
  return tags
}

function tagValue(value: unknown): TagValue {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > maxTagCharacters ? `${text.slice(0, maxTagCharacters)}…` : text
}

/** What a span says about the error that ended it. */
export interface SpanError {
  readonly name: string
  readonly message: string
  readonly code?: string
}

export function spanError(error: unknown, sanitizer: Sanitizer): SpanError {
  const { name, message, code } = sanitizer.record({ error })['error'] as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof message !== 'string')
    return { name: 'Error', message: sanitizer.text(String(error)) }
  return { name, message, ...(typeof code === 'string' && { code }) }
}
