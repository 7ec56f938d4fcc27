import { type Call, MmfError } from '@mmf/framework'
import type { AuditContext } from '../operation.ts'
import { readState } from './log-state.ts'
import { publish } from './publish.ts'
import { takeIn } from './take-in.ts'
import { takePlaces, waitingRows } from './take-places.ts'

/** Left of the time of a call when it stops to begin another step, in milliseconds. */
const margin = 4000

type Time = Pick<Call, 'signal' | 'deadline'>

const isTime = ({ deadline }: Time): boolean => Date.now() < deadline - margin

/**
 * One round of the log: what waits gets its place, what is older than the log is taken in, what has a place gets its tiles and a checkpoint. Any number of
 * processes may do it at once, and any of them may end anywhere.
 */
export async function sequence(context: AuditContext, time: Time): Promise<void> {
  do {
    while (isTime(time) && (await takePlaces(context, time.signal)) !== 0);
  } while (isTime(time) && (await takeIn(context, time.signal)))
  while (isTime(time) && (await publish(context, time.signal)));
}

/**
 * Has everything that was committed before under a checkpoint.
 * @returns the size of the log then
 * @throws {MmfError} `service_unavailable` where the time of the call does not suffice; it may be asked again
 */
export async function sequenceAll(context: AuditContext, time: Time): Promise<number> {
  const mark = context.ids.next()
  while (isTime(time)) {
    const oldest = (await waitingRows(context, time.signal))[0]
    if (oldest === undefined || oldest.id > mark) break
    await takePlaces(context, time.signal)
  }
  const { size } = await readState(context, time.signal)
  for (;;) {
    const { published } = await readState(context, time.signal)
    if (published >= size) return published
    if (!isTime(time)) break
    await publish(context, time.signal)
  }
  throw new MmfError('service_unavailable', {
    detail: 'the audit log is behind; try again',
    headers: { 'retry-after': '5' },
  })
}
