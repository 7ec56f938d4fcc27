import {
  type AnyTable,
  type Call,
  concernsAll,
  defined,
  insert,
  isMmfError,
  oneByOne,
  put,
  readWhatCan,
  type Write,
} from '@mmf/framework'
import { certificateExpiring } from '../events/certificate-expiring.ts'
import { type ExpiryNoticeRow, expiryNotices } from '../tables/expiry-notices.ts'
import type { Expiring, ExpiringCertificate, ExpiryContext, ExpirySource } from './expiry-source.ts'
import { daysUntil, reachedThreshold } from './warning-days.ts'

/** Each needs a notice, an event and perhaps a guard, of the 100 writes of a transaction. */
const certificatesAtOnce = 30

/** How often a transaction is made anew because somebody else told of one of its certificates, or changed it. */
const attempts = 10

/** A name has no bound of its own, an event has. */
const subjectCharacters = 2048

/** One certificate and what is to be told of it. */
interface Due {
  readonly fingerprint: string
  readonly threshold: number
  readonly daysRemaining: number
  readonly before: ExpiryNoticeRow | undefined
}

/**
 * Tells of those of the given certificates that have reached a threshold lower than the last one told. Notice and event are one write, on the
 * condition that the notice is as it was read: whoever else tells at the same time, one of both does.
 * @returns how many were told of
 */
export async function tellExpiring<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  found: readonly Expiring[],
  call: Call,
): Promise<number> {
  const byFingerprint = new Map(found.map(one => [one.fingerprint, one]))
  const candidates = await dueOf(context, source, [...byFingerprint.values()], call)
  let told = 0
  for (let first = 0; first < candidates.length; first += certificatesAtOnce) {
    const part = candidates.slice(first, first + certificatesAtOnce)
    const expiring = part.flatMap(({ fingerprint }) => byFingerprint.get(fingerprint) ?? [])
    told += await tellPart(context, source, expiring, call)
  }
  return told
}

/** Where something is wrong with one of them, each is told of by itself, so that the others are. */
async function tellPart<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  expiring: readonly Expiring[],
  call: Call,
): Promise<number> {
  try {
    return await tellBatch(context, source, expiring, call)
  } catch (error) {
    if (concernsAll(error) || isMmfError(error, 'database_conflict')) throw error
  }
  let told = 0
  for (const one of expiring) {
    const about = { loop: 'tell_expiring', id: one.fingerprint }
    const metrics = context.observability?.metrics
    const work = () => tellBatch(context, source, [one], call)
    told += (await oneByOne({ logger: call.logger, metrics }, about, work)) ?? 0
  }
  return told
}

/** Those whose threshold was not told yet; what they are worth is asked later, of fewer. */
async function dueOf<Guard extends AnyTable>(
  { config, clock, database }: ExpiryContext<Guard>,
  { place }: ExpirySource<Guard>,
  expiring: readonly Expiring[],
  { signal }: Call,
): Promise<readonly Due[]> {
  const now = clock.now()
  const due: Due[] = []
  for (let first = 0; first < expiring.length; first += 100) {
    const part = expiring.slice(first, first + 100)
    const keys = part.map(({ fingerprint }) => ({ fingerprint, place }))
    const { rows: notices, unreadable } = await readWhatCan(database, expiryNotices, keys, { signal })
    const unknown = new Set(unreadable.map(({ key }) => key['fingerprint']))
    part.forEach(({ fingerprint, notAfter }, index) => {
      const before = notices[index]
      const daysRemaining = daysUntil(notAfter, now)
      const threshold = reachedThreshold(daysRemaining, config.certificate_expiry_warning_days)
      if (
        unknown.has(fingerprint) ||
        threshold === undefined ||
        threshold >= (before?.threshold ?? Number.POSITIVE_INFINITY)
      )
        return
      due.push({ fingerprint, threshold, daysRemaining, before })
    })
  }
  return due
}

async function tellBatch<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  expiring: readonly Expiring[],
  call: Call,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const due = new Map((await dueOf(context, source, expiring, call)).map(one => [one.fingerprint, one]))
    const { certificates, guards } = await source.standing([...due.keys()])
    if (certificates.length === 0) return 0
    const writes = certificates.flatMap(certificate => {
      const one = due.get(certificate.fingerprint)
      return one === undefined ? [] : writesOf(context, source, certificate, one, call)
    })
    try {
      await context.database.transaction([...writes, ...guards(certificates)], { signal: call.signal })
      return certificates.length
    } catch (error) {
      if (!isMmfError(error, 'database_conflict') || attempt === attempts) throw error
    }
  }
}

function writesOf<Guard extends AnyTable>(
  { events, clock }: ExpiryContext<Guard>,
  { place }: ExpirySource<Guard>,
  { fingerprint, subject, country, kind, purposes, notAfter }: ExpiringCertificate,
  { threshold, daysRemaining, before }: Due,
  { correlationId }: Call,
) {
  const data = {
    fingerprint,
    subject: subject.slice(0, subjectCharacters),
    ...defined({ country }),
    place,
    kind,
    ...defined({ purposes: purposes && [...purposes] }),
    notAfter,
    daysRemaining,
    threshold,
  }
  const notice = { fingerprint, place, threshold, toldAt: clock.now().toISOString() }
  const told: Write<typeof expiryNotices> =
    before === undefined
      ? insert(expiryNotices, notice)
      : put(expiryNotices, { ...before, ...notice }, { when: { threshold: before.threshold } })
  return [told, events.outbox(certificateExpiring, data, { subject: fingerprint, correlationId })]
}
