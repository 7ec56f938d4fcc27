import type { CloudEvent } from './events.ts'

const needed = ['id', 'type', 'time'] as const

/** The event in a stored text; undefined where that holds none, so that nothing behind it has to wait. */
export function readCloudEvent(text: unknown): CloudEvent | undefined {
  const event = parsed(text)
  if (typeof event !== 'object' || event === null) return undefined
  const given = event as Readonly<Record<string, unknown>>
  if (needed.some(name => typeof given[name] !== 'string')) return undefined
  if (given['id'] === '' || given['type'] === '' || Number.isNaN(Date.parse(given['time'] as string))) return undefined
  return event as CloudEvent
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON is no event; the caller reports it.
    return undefined
  }
}
