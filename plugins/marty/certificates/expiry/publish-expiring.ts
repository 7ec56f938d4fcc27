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

/** How often a transaction is made anew because another process published or changed one of its certificates. */
const attempts = 10

/** A name has no bound of its own, an event has. */
const subjectCharacters = 2048

/** One certificate and what is to be published about it. */
interface Due {
  readonly fingerprint: string
  readonly threshold: number
  readonly daysRemaining: number
  readonly before: ExpiryNoticeRow | undefined
}

/**
 * Publishes `certificate_expiring` for those of the given certificates that have reached a threshold lower than the last one published. Notice and
 * event are one transaction, on the condition that the notice is as it was read: of two concurrent runs exactly one publishes.
 * @returns how many certificates were published
 */
export async function publishExpiring<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  found: readonly Expiring[],
  call: Call,
): Promise<number> {
  const byFingerprint = new Map(found.map(one => [one.fingerprint, one]))
  const candidates = await dueOf(context, source, [...byFingerprint.values()], call)
  let published = 0
  for (let first = 0; first < candidates.length; first += certificatesAtOnce) {
    const part = candidates.slice(first, first + certificatesAtOnce)
    const expiring = part.flatMap(({ fingerprint }) => byFingerprint.get(fingerprint) ?? [])
    published += await publishPart(context, source, expiring, call)
  }
  return published
}

/** Publishes a batch; where that fails, each certificate by itself, so that one faulty row does not hold up the others. */
async function publishPart<Guard extends AnyTable>(
  context: ExpiryContext<Guard>,
  source: ExpirySource<Guard>,
  expiring: readonly Expiring[],
  call: Call,
): Promise<number> {
  try {
    return await publishBatch(context, source, expiring, call)
  } catch (error) {
    if (concernsAll(error) || isMmfError(error, 'database_conflict')) throw error
  }
  let published = 0
  for (const one of expiring) {
    // `tell_expiring` names the loop in logs and runbooks, and stays.
    const about = { loop: 'tell_expiring', id: one.fingerprint }
    const metrics = context.observability?.metrics
    const work = () => publishBatch(context, source, [one], call)
    published += (await oneByOne({ logger: call.logger, metrics }, about, work)) ?? 0
  }
  return published
}

/** Certificates whose threshold was not published yet. Whether they still stand is read later, for these only. */
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

async function publishBatch<Guard extends AnyTable>(
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
  { correlationId, span }: Call,
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
  const noticed: Write<typeof expiryNotices> =
    before === undefined
      ? insert(expiryNotices, notice)
      : put(expiryNotices, { ...before, ...notice }, { when: { threshold: before.threshold } })
  return [noticed, events.outbox(certificateExpiring, data, { subject: fingerprint, correlationId, span })]
}
