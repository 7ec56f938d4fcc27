import { table } from '@mmf/framework'
import * as z from 'zod'

/** How many upload URLs a principal was given in an hour. */
const PkdUploadGrantsRow = z.strictObject({
  /** `sub` of the token. */
  principal: z.string(),
  /** `YYYY-MM-DDTHH`, UTC. */
  hour: z.string(),
  count: z.int(),
  expiresAt: z.int(),
})

export const pkdUploadGrants = table({
  name: 'pkd_upload_grants',
  row: PkdUploadGrantsRow,
  partition: 'principal',
  sort: 'hour',
  ttl: 'expiresAt',
})
