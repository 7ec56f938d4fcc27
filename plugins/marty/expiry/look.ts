import { type Call, type Clock, type Database, type Events, isMmfError, type Page, put } from '@mmf/framework'
import type * as z from 'zod'
import { certificateExpiring } from '../events/certificate-expiring.ts'
import { type ExpiryLookRow, type ExpiryPlace, expiryLooks } from '../tables/expiry-looks.ts'
import { type Crossing, crossings, daysRemaining, firstSince } from './crossings.ts'

type Expiring = z.output<typeof certificateExpiring.data>

/** What a place says of a certificate. */
export type Found = Omit<Expiring, 'place' | 'daysRemaining' | 'threshold'>

/** Where certificates are found by their notAfter. */
export interface Place {
  readonly name: ExpiryPlace
  partitions(): Promise<readonly string[]>
  /** Certificates of a stretch, at most `limit`, without those that nobody need hear of: a page may be empty and have a cursor. */
  page(
    partition: string,
    stretch: Crossing,
    options: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Found>>
}

export interface LookContext {
  readonly database: Database<typeof expiryLooks, typeof expiryLooks>
  readonly events: Events<typeof certificateExpiring>
  readonly clock: Clock
}

export interface Looked {
  readonly told: number
  /** False where the time was over, or somebody else is at it: the next look goes on. */
  readonly complete: boolean
}

/** Events in one transaction, which DynamoDB ends at 100 writes. */
const eventsAtOnce = 90
/** A look ends so long before its deadline, milliseconds. */
const marginMs = 3000

/**
 * Tells of each certificate that has crossed a threshold since the last look. The position stands in the transaction of the events, on the
 * condition that nobody else has moved it: killed, or run twice at once, it tells nothing twice and leaves nothing out.
 */
export async function lookForExpiring(
  context: LookContext,
  place: Place,
  thresholds: readonly number[],
  call: Call,
): Promise<Looked> {
  const stored = await context.database.get(expiryLooks, { place: place.name }, { signal: call.signal })
  let told = 0
  try {
    const look = begun(stored, place, thresholds, context.clock.now())
    for await (const { rows, position, stretch } of pagesOf(place, look)) {
      const isLate = Date.now() > call.deadline - marginMs
      if (rows.length === 0 && !isLate) continue
      await look.move(
        context,
        position,
        rows.map(row => expiring(row, place, stretch, look.at)),
        call,
      )
      told += rows.length
      if (isLate) return { told, complete: false }
    }
    await look.end(context, call)
    return { told, complete: true }
  } catch (error) {
    if (!isMmfError(error, 'database_conflict')) throw error
    return { told, complete: false }
  }
}

type Pass = NonNullable<ExpiryLookRow['pass']>
type Position = Pick<Pass, 'step' | 'cursor'>

interface Look {
  /** The moment it looks from. */
  readonly at: number
  readonly stretches: readonly Crossing[]
  readonly from: Position
  /** @throws {MmfError} `database_conflict` where somebody else has moved it */
  move(context: LookContext, position: Position, events: readonly Expiring[], call: Call): Promise<void>
  end(context: LookContext, call: Call): Promise<void>
}

/** A look that begins, or one that did not come to its end. */
function begun(stored: ExpiryLookRow | undefined, place: Place, given: readonly number[], now: Date): Look {
  const since = stored?.since ?? new Date(firstSince(now.getTime(), given)).toISOString()
  const { at, thresholds, ...from } = stored?.pass ?? { at: now.toISOString(), thresholds: [...given] }
  let revision = stored?.revision ?? 0
  const write = async (
    { database, events }: LookContext,
    row: Omit<ExpiryLookRow, 'place' | 'revision'>,
    told: readonly Expiring[],
    { signal, correlationId }: Call,
  ): Promise<void> => {
    const when = revision === 0 ? ('absent' as const) : { revision }
    const next = { ...row, place: place.name, revision: revision + 1 }
    const outbox = told.map(data =>
      events.outbox(certificateExpiring, data, { subject: data.fingerprint, correlationId }),
    )
    await database.transaction([put(expiryLooks, next, { when }), ...outbox], { signal })
    revision += 1
  }
  return {
    at: Date.parse(at),
    stretches: crossings(Date.parse(since), Date.parse(at), thresholds),
    from,
    move: (context, position, told, call) =>
      write(context, { since, pass: { at, thresholds, ...position } }, told, call),
    end: (context, call) => write(context, { since: at }, [], call),
  }
}

/** The rest of the pages, partition by partition and threshold by threshold, each with the position after it. */
async function* pagesOf(place: Place, { stretches, from }: Look) {
  const steps = (await place.partitions()).flatMap(partition =>
    stretches.map(stretch => ({
      partition,
      stretch,
      name: `${partition} ${String(stretch.threshold).padStart(5, '0')}`,
    })),
  )
  for (const { partition, stretch, name } of steps.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (from.step !== undefined && name < from.step) continue
    let cursor = name === from.step ? from.cursor : undefined
    do {
      const page = await place.page(partition, stretch, { limit: eventsAtOnce, cursor })
      cursor = page.cursor
      // What sorts behind this step and before the next one.
      const position = cursor === undefined ? { step: `${name}~` } : { step: name, cursor }
      yield { rows: page.rows, position, stretch }
    } while (cursor !== undefined)
  }
}

function expiring(found: Found, { name }: Place, { threshold }: Crossing, at: number): Expiring {
  return { ...found, place: name, daysRemaining: daysRemaining(found.notAfter, at), threshold }
}
