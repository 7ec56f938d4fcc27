import { scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { sourceIn } from '../../certificates/sources/configured-source.ts'
import { operation } from '../operation.ts'
import { publishStaleCrls } from './check-crls.ts'
import { refresh } from './refresh-directory.ts'

/** What an administrator may ask for, four times a day. */
export const pollDirectory = operation({
  name: 'poll_directory',
  description: 'Fetches what pkd_source_url names at regular times.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 360 }), traceOperation({ operationName: 'refresh_directory' })],
  async run(_input, { context, call }) {
    if (sourceIn(context.config, 'pkd') !== undefined) await refresh({}, { context, call })
    return undefined
  },
})

/** A list that goes stale is published within the hour. */
export const watchCrls = operation({
  name: 'watch_crls',
  description: 'Looks at regular times for issuers whose newest revocation list is past its nextUpdate.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 60 }), traceOperation({ operationName: 'check_crls' })],
  async run(_input, { context, call }) {
    await publishStaleCrls(context, call)
    return undefined
  },
})
