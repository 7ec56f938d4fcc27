import * as z from 'zod'
import { idempotent } from '../../contract/concerns/idempotent.ts'
import { requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { traceOperation } from '../../contract/concerns/trace-operation.ts'
import { serviceScope } from '../../contract/operation/operation.ts'
import { integerText } from '../../contract/operation/wire-codecs.ts'
import type { Operations } from '../../contract/service.ts'
import { unreadableOf, unreadableShape } from '../../database/read-what-can.ts'
import { defined } from '../../defined.ts'
import type { DeadLetters } from '../../events/dead-letters.ts'
import { platformAdministrator } from './platform-roles.ts'

const operation = serviceScope<unknown>()('platform', {})

const role = { roles: [platformAdministrator] }

const Letter = z.strictObject({
  eventId: z.string(),
  subscriber: z.string(),
  type: z.string(),
  time: z.string(),
  deadSince: z.string(),
  attempts: z.int(),
  /** Code or name of the last error, never its text. */
  lastError: z.string(),
})
const Reference = z.strictObject({ eventId: z.string().min(1).max(64), subscriber: z.string().min(1).max(200) })
const Done = z.strictObject({ eventId: z.string(), subscriber: z.string() })

/** Events that a subscriber failed on for the last time: listed, delivered again, or given up. */
export function deadLetterOperations(deadLetters: DeadLetters): Operations {
  return {
    listDeadLetters: operation({
      name: 'list_dead_letters',
      description: 'Events that could not be delivered, the longest dead first.',
      input: z.strictObject({
        limit: z.optional(integerText({ min: 1, max: 100 })),
        cursor: z.optional(z.string().max(2048)),
      }),
      output: z.strictObject({ deadLetters: z.array(Letter), ...unreadableShape, cursor: z.optional(z.string()) }),
      http: { method: 'GET', path: '/platform/dead-letters' },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'list_dead_letters' })],
      async run({ limit = 20, cursor }) {
        const page = await deadLetters.list({ limit, cursor })
        const shown = page.rows.map(({ event: { id, type, time }, ...letter }) => ({
          eventId: id,
          type,
          time,
          ...letter,
        }))
        return {
          deadLetters: shown,
          ...unreadableOf(page),
          ...defined({ cursor: page.cursor }),
        }
      },
    }),
    replayDeadLetter: operation({
      name: 'replay_dead_letter',
      description: 'Delivers the event again, with all attempts anew.',
      input: Reference,
      output: Done,
      http: { method: 'POST', path: '/platform/dead-letters/replay' },
      concerns: [
        requiresAuth(role),
        traceOperation({ operationName: 'replay_dead_letter' }),
        idempotent({ afterwards: true }),
      ],
      async run(letter, { call }) {
        await deadLetters.replay(letter, call.idempotency?.complete(letter) ?? [])
        return letter
      },
    }),
    discardDeadLetter: operation({
      name: 'discard_dead_letter',
      description: 'Gives the event up.',
      input: Reference,
      output: Done,
      http: { method: 'POST', path: '/platform/dead-letters/discard' },
      concerns: [requiresAuth(role), traceOperation({ operationName: 'discard_dead_letter' }), idempotent()],
      async run(letter, { call }) {
        await deadLetters.discard(letter, call.idempotency?.complete(letter) ?? [])
        return letter
      },
    }),
  }
}
