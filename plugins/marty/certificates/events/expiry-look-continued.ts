import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { expiryPlaces } from '../tables/expiry-notices.ts'

/** The next step of a look for expiring certificates is to be done. A service publishes this to itself, so that no process has to live as long as the look. */
export const expiryLookContinued = defineEvent({
  name: 'expiry_look_continued',
  version: 1,
  description: 'The next step of a look for expiring certificates is to be done.',
  data: z.strictObject({ place: z.enum(expiryPlaces), lookId: z.string(), step: z.int() }),
})
