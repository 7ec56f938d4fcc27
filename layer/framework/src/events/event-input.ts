import * as z from 'zod'
import type { EventDefinition } from './events.ts'

/** The input schema of an operation that handles this event: the CloudEvent, with its data checked against the declaration. */
export function eventInput<Data>(event: EventDefinition<string, Data>) {
  return z.looseObject({
    id: z.string(),
    type: z.string(),
    source: z.string(),
    time: z.iso.datetime(),
    correlationid: z.string(),
    data: event.data,
  })
}
