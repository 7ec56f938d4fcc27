import { eventHandler, eventInput, idempotent, requiresAuth, scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { expiryLookContinued } from '../../certificates/events/expiry-look-continued.ts'
import { continueLook, lookForExpiring } from '../../certificates/expiry/look-for-expiring.ts'
import { operation } from '../operation.ts'
import { expiringCertificates } from '../queries/expiring-certificates.ts'

export const checkExpiries = operation({
  name: 'check_expiries',
  description: 'Tells of certificates of the directory that expire soon or have expired, once for each threshold.',
  input: z.strictObject({}),
  output: z.strictObject({
    told: z.int(),
    /** False: there is more to look at than one request can do. It goes on by itself. */
    complete: z.boolean(),
  }),
  http: { method: 'POST', path: '/v1/pkd/expiries/check' },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'check_expiries' }),
    idempotent({ afterwards: true }),
  ],
  run: (_input, { context, call }) =>
    lookForExpiring(context, expiringCertificates(context, call.signal), 'anew', call),
})

/** Thresholds are whole days; each is told within six hours. */
export const watchExpiries = operation({
  name: 'watch_expiries',
  description: 'Looks at regular times for certificates of the directory that expire.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'check_expiries' })],
  async run(_input, { context, call }) {
    await lookForExpiring(context, expiringCertificates(context, call.signal), 'resume', call)
    return undefined
  },
})

export const continueExpiries = operation({
  name: 'continue_expiries',
  description: 'Does the next step of a look for certificates of the directory that expire.',
  input: eventInput(expiryLookContinued),
  output: z.undefined(),
  concerns: [
    eventHandler({
      eventType: 'expiry_look_continued',
      filter: ({ data }) => data.place === 'public_key_directory',
      retryAttempts: 10,
      asyncProcessing: true,
    }),
    traceOperation({ operationName: 'continue_expiries' }),
  ],
  async run({ data }, { context, call }) {
    await continueLook(context, expiringCertificates(context, call.signal), data, call)
    return undefined
  },
})
