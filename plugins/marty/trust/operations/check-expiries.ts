import { eventHandler, eventInput, idempotent, scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { expiryLookContinued } from '../../certificates/events/expiry-look-continued.ts'
import { continueLook, lookForExpiring } from '../../certificates/expiry/look-for-expiring.ts'
import { administrators, counted } from '../concerns.ts'
import { operation } from '../operation.ts'
import { expiringEntries } from './expiring-entries.ts'

export const checkExpiries = operation({
  name: 'check_expiries',
  description:
    'Publishes `certificate_expiring` for anchors and link certificates that expire soon or have expired, once for each threshold.',
  input: z.strictObject({}),
  output: z.strictObject({
    told: z.int(),
    /** False: there is more to look at than one request can do. It goes on by itself. */
    complete: z.boolean(),
  }),
  http: { method: 'POST', path: '/v1/trust-anchors/expiries/check' },
  concerns: [
    administrators(),
    counted('check_expiries'),
    traceOperation({ operationName: 'check_expiries' }),
    idempotent({ afterwards: true }),
  ],
  run: (_input, { context, call }) => lookForExpiring(context, expiringEntries(context, call.signal), 'anew', call),
})

/** Thresholds are whole days; each is published within six hours. */
export const watchExpiries = operation({
  name: 'watch_expiries',
  description: 'Looks at regular times for anchors and link certificates that expire.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'check_expiries' })],
  async run(_input, { context, call }) {
    await lookForExpiring(context, expiringEntries(context, call.signal), 'resume', call)
    return undefined
  },
})

export const continueExpiries = operation({
  name: 'continue_expiries',
  description: 'Does the next step of a look for anchors and link certificates that expire.',
  input: eventInput(expiryLookContinued),
  output: z.undefined(),
  concerns: [
    eventHandler({
      eventType: 'expiry_look_continued',
      filter: ({ data }) => data.place === 'trust_store',
      retryAttempts: 10,
      asyncProcessing: true,
    }),
    traceOperation({ operationName: 'continue_expiries' }),
  ],
  async run({ data }, { context, call }) {
    await continueLook(context, expiringEntries(context, call.signal), data, call)
    return undefined
  },
})
