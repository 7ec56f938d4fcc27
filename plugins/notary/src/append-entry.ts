import { createHash } from 'node:crypto'
import { type Call, defined, insert, isMmfError, MmfError, put, type RowOf } from '@mmf/framework'
import { appendLeaf, hashOfLeaf } from '@mmf/framework/transparency'
import type { Entry } from './schemas.ts'
import { log, type NotaryContext } from './scope.ts'
import { entries, heads, nodes, submissions } from './tables/log.ts'

/** Each failed attempt is one append of another caller that succeeded. */
const attempts = 50

interface Submitted {
  readonly digest: string
  readonly label: string
  readonly principal: string
}

/**
 * The entry of a digest: a new one at the end of the list, or the one that this caller's digest has already.
 * @throws {MmfError} `service_unavailable` when others were faster time and again
 */
export async function appendEntry(context: NotaryContext, submitted: Submitted, call: Call): Promise<Entry> {
  const { database } = context
  const { signal } = call
  const submission = createHash('sha256').update(`${submitted.principal}\n${submitted.digest}`).digest('hex')
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const earlier = await database.get(submissions, { submission }, { signal })
    if (earlier !== undefined) return entryAt(context, earlier.index, signal)
    const head = await database.get(heads, { log }, { signal })
    const size = head?.size ?? 0
    const row = rowOf(size, submitted, context.clock.now())
    const made = appendLeaf(size, head?.peaks ?? [], Buffer.from(row.leafHash, 'hex'))
    const next = { log, size: size + 1, peaks: [...made.peaks] }
    const answer = shownEntry(row)
    try {
      await database.transaction(
        [
          put(heads, next, { when: head === undefined ? 'absent' : { size } }),
          insert(entries, row),
          insert(submissions, { submission, index: size }),
          ...made.nodes.map(({ level, position, hash }) => insert(nodes, { node: `${level}/${position}`, hash })),
          ...(call.idempotency?.complete(answer) ?? []),
        ],
        { signal },
      )
      return answer
    } catch (error) {
      if (!isMmfError(error, 'database_conflict')) throw error
      call.logger.debug('another entry was faster', { index: size, attempt })
    }
  }
  throw new MmfError('service_unavailable', { detail: `${attempts} other entries were faster; try again` })
}

function rowOf(index: number, { digest, label, principal }: Submitted, now: Date): RowOf<typeof entries> {
  const time = now.toISOString()
  const leafHash = hashOfLeaf(Buffer.from(`${digest}\n${time}\n${label}\n`)).toString('hex')
  return { index, digest, label, time, leafHash, principal }
}

/** @throws {MmfError} `not_found` */
export async function entryAt({ database }: NotaryContext, index: number, signal: AbortSignal): Promise<Entry> {
  const row = await database.get(entries, { index }, { signal })
  if (row === undefined) throw new MmfError('not_found', { detail: `the list has no entry ${index}` })
  return shownEntry(row)
}

const shownEntry = ({ index, digest, label, time, leafHash }: RowOf<typeof entries>): Entry => ({
  index,
  digest,
  time,
  leafHash,
  ...defined({ label: label === '' ? undefined : label }),
})
