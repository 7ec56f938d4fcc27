import { scheduled, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { sourceIn } from '../../certificates/sources/configured-source.ts'
import { counted } from '../concerns.ts'
import { operation } from '../operation.ts'
import { refresh } from './refresh-master-list.ts'

/** What an administrator may ask for, four times a day. The source must be one whose lists chain to an anchor that is trusted already. */
export const pollMasterList = operation({
  name: 'poll_master_list',
  description: 'Fetches the master list of master_list_source_url at regular times.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [
    scheduled({ everyMinutes: 360 }),
    counted('refresh'),
    traceOperation({ operationName: 'refresh_master_list' }),
  ],
  async run(_input, { context, call }) {
    if (sourceIn(context.config, 'master_list') !== undefined) await refresh({}, { context, call })
    return undefined
  },
})
