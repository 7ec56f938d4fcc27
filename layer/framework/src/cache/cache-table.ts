import { createHash } from 'node:crypto'
import * as z from 'zod'
import { table } from '../database/table.ts'

/** The shared level: entries, the generation of each prefix that was ever invalidated, and the rows by which processes see that the store works. */
export const cacheTable = table({
  name: 'cache',
  row: z.object({
    /** `entry <key>`, `generation <prefix>` or `readiness <process>`; long ones hashed. */
    id: z.string(),
    /** Of an entry: the generations of its prefixes when it was read. Of a prefix: its own. */
    generation: z.string(),
    /** CBOR; absent in a negative entry and in a generation. */
    value: z.optional(z.instanceof(Uint8Array)),
    /** Milliseconds since 1970, of an entry. */
    until: z.optional(z.int()),
    /** Seconds since 1970. */
    expires: z.int(),
  }),
  partition: 'id',
  ttl: 'expires',
})

const maxIdLength = 1024

export const entryId = (key: string): string => bounded('entry', key)
/** What a process writes and reads to see that the store works. */
export const readinessId = (process: string): string => `readiness ${process}`
export const generationId = (prefix: string): string => bounded('generation', prefix)

function bounded(kind: string, text: string): string {
  const id = `${kind} ${text}`
  return Buffer.byteLength(id) <= maxIdLength ? id : `${kind} #${createHash('sha256').update(text).digest('hex')}`
}
