import {
  type AnyTable,
  type Call,
  defined,
  insert,
  type PlatformWrite,
  put,
  unlessConflict,
  type Write,
} from '@mmf/framework'
import { expiryLookContinued } from '../events/expiry-look-continued.ts'
import { type ExpiryLook, type ExpiryLooksRow, expiryLooks } from '../tables/expiry-looks.ts'
import type { ExpiryContext, ExpirySource } from './expiry-source.ts'
import { publishExpiring } from './publish-expiring.ts'
import { dayMilliseconds } from './warning-days.ts'

const lookLimits = {
  /** Rows of the index read at once, and pages of one step. */
  pageRows: 200,
  pages: 50,
  /** A step ends so long before its deadline, in milliseconds. */
  marginMs: 8000,
  /** What expired so long before the last look is looked at again: an index may lag, a certificate may come late or be trusted again. */
  overlapDays: 7,
  /** A look that has not come to its end by then is begun anew, in milliseconds. */
  maxAgeMs: dayMilliseconds,
} as const

export interface LookResult {
  /** Certificates published in this step. The name is that of the answer of `check_expiries`. */
  readonly told: number
  /** Whether the look came to its end; else it goes on by an event. */
  readonly complete: boolean
}

/**
 * Looks for certificates that expire and publishes each threshold once. It reads the index between the last look and the highest threshold, and
 * records each publication as a notice, so that looks may overlap, be repeated or be killed: what one leaves out, the next one finds.
 * @param begin `anew`: from the beginning; `resume`: where the last one stopped, if it did
 * @throws what the ports throw
 */
export async function lookForExpiring<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  begin: 'anew' | 'resume',
  call: Call,
): Promise<LookResult> {
  const row = await stateOf(context, source, call)
  const { look } = row
  const now = context.clock.now().getTime()
  const resumable = begin === 'resume' && look !== undefined && now - Date.parse(look.startedAt) < lookLimits.maxAgeMs
  return step(context, source, { row, look: resumable ? look : newLook(context, row) }, call)
}

/** Does the step that an event asks for; one that is done already, or whose look is over, is nothing to do. */
export async function continueLook<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  asked: Pick<ExpiryLook, 'lookId' | 'step'>,
  call: Call,
): Promise<void> {
  const row = await stateOf(context, source, call)
  const { look } = row
  if (look?.lookId === asked.lookId && look.step === asked.step) await step(context, source, { row, look }, call)
}

/** Revision 0: there is no row yet. */
async function stateOf<Guard extends AnyTable>(
  { database }: ExpiryContext<Guard>,
  { place }: ExpirySource<Guard>,
  { signal }: Call,
): Promise<ExpiryLooksRow> {
  return (await database.get(expiryLooks, { place }, { signal })) ?? { place, revision: 0 }
}

function newLook<Guard extends AnyTable>(
  { clock, config, ids }: ExpiryContext<Guard>,
  { since }: ExpiryLooksRow,
): ExpiryLook {
  const now = clock.now()
  // Where the clock stepped back, the last look lies in the future.
  const last = Math.min(since === undefined ? now.getTime() : Date.parse(since), now.getTime())
  const daysFrom = (moment: number, days: number) => new Date(moment + days * dayMilliseconds).toISOString()
  return {
    lookId: ids.next(),
    step: 0,
    startedAt: now.toISOString(),
    from: daysFrom(last, -lookLimits.overlapDays),
    until: daysFrom(now.getTime(), Math.max(...config.certificate_expiry_warning_days)),
  }
}

interface State {
  readonly row: ExpiryLooksRow
  readonly look: ExpiryLook
}

/** Pages until the end of the look or of the time of this call; then the place is kept, together with the event that goes on from it. */
async function step<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  { row, look }: State,
  call: Call,
): Promise<LookResult> {
  const { from, until } = look
  const partitions = (await source.partitions()).toSorted().filter(name => name >= (look.partition ?? ''))
  let published = 0
  let pages = 0
  for (const partition of partitions) {
    let cursor = partition === look.partition ? look.cursor : undefined
    do {
      if (pages >= lookLimits.pages || (pages > 0 && Date.now() > call.deadline - lookLimits.marginMs)) {
        await keep(context, source, { row, look: placeOf(look, partition, cursor) }, call)
        return { told: published, complete: false }
      }
      const page = await source.page(partition, { from, until, limit: lookLimits.pageRows, cursor })
      published += await publishExpiring(context, source, page.rows, call)
      pages += 1
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  const { look: _over, ...rest } = row
  await change(context, { ...rest, since: look.startedAt }, [], call)
  return { told: published, complete: true }
}

function placeOf({ cursor: _before, ...look }: ExpiryLook, partition: string, cursor: string | undefined): ExpiryLook {
  return { ...look, step: look.step + 1, partition, ...defined({ cursor }) }
}

function keep<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  { place }: ExpirySource<Guard>,
  { row, look }: State,
  call: Call,
): Promise<void> {
  const { lookId, step: next } = look
  const { correlationId, span } = call
  const data = { place, lookId, step: next }
  const goOn = context.events.outbox(expiryLookContinued, data, { subject: place, correlationId, span })
  return change(context, { ...row, look }, [goOn], call)
}

/** Where another look has changed the row first, its row stands; what this look has published stays published. */
async function change<Guard extends AnyTable>(
  { database }: ExpiryContext<Guard>,
  row: ExpiryLooksRow,
  also: readonly PlatformWrite[],
  { signal }: Call,
): Promise<void> {
  const next = { ...row, revision: row.revision + 1 }
  const write: Write<typeof expiryLooks> =
    row.revision === 0 ? insert(expiryLooks, next) : put(expiryLooks, next, { when: { revision: row.revision } })
  await unlessConflict(database.transaction([write, ...also], { signal }))
}
