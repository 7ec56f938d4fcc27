import type { FetchedContent, FetchedEvidenceRow } from '../tables/fetched-evidence.ts'
import { kinds } from './kinds.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What no verdict has proven yet is asked for again this soon: an attacker on the way may have put it there. */
const unprovenMs = minute
/** After a failure no call waits for the same server this long, doubled with each further one. */
const failureMs = { first: minute, max: 15 * minute } as const
/** A list that is in use is fetched again this often, and before its end; an issuer may publish early. A stale one at each run of the schedule. */
const refresh = { every: 6 * hour, atFraction: 0.9, soonest: 10 * minute } as const
/** Contents stay so long after their nextUpdate: even what is stale says what was revoked. */
const keptMs = 7 * day
/** … and no longer than this from now, whatever they say themselves. */
const keptAtMostMs = 400 * day
/** What no validation has asked for in this time is no longer fetched by schedule. */
export const usedWithinMs = 30 * day

const at = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time))

/**
 * Whether the address need not be asked now: what is there still holds, or its server has just failed.
 * @param openEndedSeconds how long evidence without nextUpdate holds after its thisUpdate
 */
export function isFresh(
  { kind, latest, proven, askedAt, failure }: FetchedEvidenceRow,
  now: number,
  openEndedSeconds: number,
): boolean {
  if (failure !== undefined) {
    const pause = Math.min(failureMs.first * 2 ** (failure.count - 1), failureMs.max)
    if (now < Date.parse(failure.at) + pause) return true
  }
  const asked = at(askedAt)
  if (latest === undefined || asked === undefined) return false
  if (latest.sha256 !== proven?.sha256) return now < asked + unprovenMs
  const thisUpdate = at(latest.thisUpdate)
  const openEnd = thisUpdate === undefined ? Number.NEGATIVE_INFINITY : thisUpdate + openEndedSeconds * 1000
  return now < (at(latest.nextUpdate) ?? Math.max(openEnd, asked + kinds[kind].holdsMs))
}

/** When the schedule fetches it again, RFC 3339. */
export function refreshAt({ thisUpdate, nextUpdate }: FetchedContent, now: number): string {
  const from = at(thisUpdate)
  const to = at(nextUpdate)
  const beforeEnd =
    from === undefined || to === undefined ? now + refresh.every : from + (to - from) * refresh.atFraction
  const due = Math.max(now + refresh.soonest, Math.min(now + refresh.every, beforeEnd))
  return new Date(due).toISOString()
}

/** When the row and its contents are forgotten, seconds since 1970. */
export function expiry(contents: readonly (FetchedContent | undefined)[], now: number): number {
  const ends = contents.map(content => at(content?.nextUpdate) ?? now)
  return Math.ceil(Math.min(Math.max(now, ...ends) + keptMs, now + keptAtMostMs) / 1000)
}

/** Whether contents are older than others: who sends them would have a revocation forgotten. */
export function isOlder(one: Pick<FetchedContent, 'thisUpdate'>, than: FetchedContent | undefined): boolean {
  const [own, other] = [at(one.thisUpdate), at(than?.thisUpdate)]
  return own !== undefined && other !== undefined && own < other
}
