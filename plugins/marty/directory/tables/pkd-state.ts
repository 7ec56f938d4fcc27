import { table } from '@mmf/framework'
import * as z from 'zod'
import { collections } from './pkd-public-keys.ts'

/** The state of one collection: written with every change of it, so that two equal revisions mean equal contents. */
const PkdStateRow = z.strictObject({
  collection: z.enum(collections),
  /** UUID of version 7 of the last change. */
  revision: z.string(),
  changedAt: z.iso.datetime(),
})

export const pkdState = table({ name: 'pkd_state', row: PkdStateRow, partition: 'collection' })
