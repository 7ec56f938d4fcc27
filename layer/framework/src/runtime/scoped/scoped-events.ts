import type { EventGrant } from '../../contract/scope.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Events } from '../../events/events.ts'

/** The events cut down to those a service declared with `publishes`. */
export function scopedEvents(events: Events, grants: readonly EventGrant[], service: string): Events {
  const published = new Set(grants.map(grant => grant.event.name))
  return {
    outbox(event, data, options) {
      if (!published.has(event.name)) {
        throw new MmfError('access_undeclared', { detail: `${service} does not publish ${event.name}` })
      }
      return events.outbox(event, data, options)
    },
  }
}
