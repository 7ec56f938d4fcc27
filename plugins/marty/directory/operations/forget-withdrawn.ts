import { eventHandler, eventInput } from '@mmf/framework'
import * as z from 'zod'
import { pkdCertificateWithdrawn } from '../events/pkd-certificate-withdrawn.ts'
import { operation } from '../operation.ts'
import { forgetLookups } from '../queries/lookup-cache.ts'

/** Withdrawing forgets cached answers by itself; this makes sure of it where the process died in between. */
export const forgetWithdrawn = operation({
  name: 'forget_withdrawn',
  description: 'Forgets cached lookups after a withdrawal.',
  input: eventInput(pkdCertificateWithdrawn),
  output: z.undefined(),
  concerns: [eventHandler({ eventType: 'pkd_certificate_withdrawn', retryAttempts: 10, asyncProcessing: true })],
  async run(_event, { context }) {
    await forgetLookups(context)
    return undefined
  },
})
