import * as z from 'zod'
import { requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { traceOperation } from '../../contract/concerns/trace-operation.ts'
import { serviceScope } from '../../contract/operation/operation.ts'
import { integerText } from '../../contract/operation/wire-codecs.ts'
import type { Operations } from '../../contract/service.ts'
import { unreadableOf, unreadableShape } from '../../database/read-what-can.ts'
import { defined } from '../../defined.ts'
import type { WaitingEvents } from '../../events/outbox/waiting-events.ts'
import { platformAdministrator } from './platform-roles.ts'

const operation = serviceScope<unknown>()('platform', {})

const Waiting = z.strictObject({
  eventId: z.string(),
  type: z.string(),
  source: z.string(),
  subject: z.optional(z.string()),
  time: z.string(),
  dueAt: z.string(),
  attempts: z.int(),
})

/** Events that are committed and not handed on yet. */
export function eventOperations(waiting: WaitingEvents): Operations {
  return {
    listEvents: operation({
      name: 'list_events',
      description: 'Events that wait to be handed on, those that are due first; their data is not shown.',
      input: z.strictObject({ limit: z.optional(integerText({ min: 1, max: 100 })) }),
      output: z.strictObject({
        events: z.array(Waiting),
        more: z.boolean().meta({ description: 'whether others wait behind these' }),
        ...unreadableShape,
      }),
      http: { method: 'GET', path: '/platform/events' },
      concerns: [requiresAuth({ roles: [platformAdministrator] }), traceOperation({ operationName: 'list_events' })],
      async run({ limit = 20 }) {
        const { events, more, unreadable } = await waiting.list({ limit })
        const shown = events.map(({ event: { id, type, source, subject, time }, dueAt, attempts }) => ({
          eventId: id,
          type,
          source,
          ...defined({ subject }),
          time,
          dueAt,
          attempts,
        }))
        return { events: shown, more, ...unreadableOf({ unreadable }) }
      },
    }),
  }
}
