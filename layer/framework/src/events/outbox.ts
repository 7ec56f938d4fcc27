import * as z from 'zod'
import type { Clock } from '../clock/clock.ts'
import { table } from '../database/table.ts'
import { insert, platformWrite } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { CloudEvent, Events } from './events.ts'

const OutboxRow = z.strictObject({ id: z.string(), status: z.string(), dueAt: z.string(), event: z.string() })
export const outboxTable = table({ name: 'outbox', row: OutboxRow, partition: 'id', indexes: { pending: { partition: 'status', sort: 'dueAt' } } })

export function createEvents(o: { plugin: string; service: string; clock: Clock; ids: Ids }): Events {
  return {
    outbox(event, data, options) {
      const parsed = event.data.safeParse(data)
      if (!parsed.success) throw new MmfError('event_invalid', { cause: parsed.error })
      const time = o.clock.now().toISOString()
      const cloud: CloudEvent = {
        specversion: '1.0', id: o.ids.next(), source: `/plugins/${o.plugin}/services/${o.service}`, type: `${o.plugin}.${event.name}.v${event.version}`,
        time, datacontenttype: 'application/json', correlationid: options.correlationId, data: parsed.data,
        ...(options.subject === undefined ? {} : { subject: options.subject }),
      }
      return platformWrite(insert(outboxTable, { id: cloud.id, status: 'pending', dueAt: time, event: JSON.stringify(cloud) }) as never)
    },
  }
}
