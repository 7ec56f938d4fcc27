import { type Call, defined, eventHandler, eventInput, type PlatformWrite, traceOperation } from '@mmf/framework'
import { type CertificateList, parseCrl } from '@mmf/pki'
import * as z from 'zod'
import { decoded } from '../../certificates/decoded.ts'
import { storedNameKeys } from '../../certificates/stored-name-keys.ts'
import { queryPartitions } from '../../certificates/stored-partitions.ts'
import { pkdCrlsAdded } from '../../directory/events/pkd-crls-added.ts'
import { revocationsFound } from '../../trust/events/revocations-found.ts'
import { revocationsOf } from '../../trust/store/revocations.ts'
import { revocationReasons } from '../../trust/tables/trust-revocations.ts'
import { revocationSearchContinued } from '../events/revocation-search-continued.ts'
import { readContent } from '../inputs/contents.ts'
import { slices } from '../inputs/evidence-store.ts'
import { blobBytes } from '../inputs/stored-crls.ts'
import { operation, type ValidationContext } from '../operation.ts'
import { validationIssued } from '../tables/validation-issued.ts'
import { deliverOnce } from './deliver-once.ts'
import { listRevokes } from './list-revokes.ts'

/** Certificates that are looked for in one step, and revocations in one event. */
const atOnce = { certificates: 100, revocations: 40 } as const
const retryAttempts = 10
/** The largest list that is looked through, bytes. */
const maxListBytes = 64_000_000

type Search = z.output<typeof revocationSearchContinued.data>

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

export const searchDirectoryCrls = operation({
  name: 'search_directory_crls',
  description: 'Looks for certificates of stored verdicts in lists that are new in the public key directory.',
  input: eventInput(pkdCrlsAdded),
  output: z.undefined(),
  concerns: [
    eventHandler({ eventType: pkdCrlsAdded.name, retryAttempts, asyncProcessing: true }),
    traceOperation({ operationName: 'search_directory_crls' }),
  ],
  async run({ id, data: { fingerprints } }, environment) {
    await search({ searchId: id, step: 0, place: 'directory', crls: fingerprints }, environment)
    return undefined
  },
})

export const continueSearch = operation({
  name: 'continue_revocation_search',
  description: 'Looks for the next certificates of stored verdicts in revocation lists.',
  input: eventInput(revocationSearchContinued),
  output: z.undefined(),
  concerns: [
    eventHandler({ eventType: revocationSearchContinued.name, retryAttempts, asyncProcessing: true }),
    traceOperation({ operationName: 'continue_revocation_search' }),
  ],
  async run({ data }, environment) {
    await search(data, environment)
    return undefined
  },
})

/**
 * Looks for the certificates of one issuer in its list, some at a time, and publishes those that it revokes; then publishes an event for the rest.
 * One transaction, done once, however often the event is delivered.
 */
async function search(given: Search, environment: Environment): Promise<void> {
  const [crl] = given.crls
  if (crl === undefined) return
  const done = { revisitId: `search:${given.searchId}`, step: given.step }
  await deliverOnce(done, environment, () => plannedStep(given, crl, environment))
}

async function plannedStep(
  given: Search,
  crl: string,
  { context, call }: Environment,
): Promise<readonly PlatformWrite[]> {
  const { database, events } = context
  const { signal, correlationId, span } = call
  const { place, cursor } = given
  const list = await listOf(place, crl, { context, call })
  const page =
    list === undefined
      ? { rows: [] }
      : await queryPartitions(storedNameKeys(list.issuer), { limit: atOnce.certificates, cursor }, (partition, part) =>
          database.query(validationIssued, { partition, unreadable: 'report', ...part }, { signal }),
        )
  const found = list === undefined ? [] : await unknownRevocations(list, page.rows, { context, call })
  const published = slices(found, atOnce.revocations).map(revocations =>
    events.outbox(
      revocationsFound,
      { crl, issuer: list?.issuer.toString().slice(0, 1000) ?? '', revocations: [...revocations] },
      { subject: crl, correlationId, span },
    ),
  )
  const next = nextOf(given, page.cursor)
  const passedOn =
    next === undefined ? [] : [events.outbox(revocationSearchContinued, next, { subject: crl, correlationId, span })]
  return [...published, ...passedOn]
}

function nextOf({ searchId, step, place, crls }: Search, cursor: string | undefined): Search | undefined {
  const rest = cursor === undefined ? crls.slice(1) : crls
  if (rest.length === 0) return undefined
  return { searchId, step: step + 1, place, crls: rest, ...defined({ cursor }) }
}

/** The list; undefined where it is gone, or too large to be had whole. */
async function listOf(
  place: Search['place'],
  fingerprint: string,
  { context, call }: Environment,
): Promise<CertificateList | undefined> {
  if (place === 'fetched') {
    const content = await readContent(context.database, fingerprint, call.signal)
    return content === undefined ? undefined : parseCrl(content)
  }
  const bytes = await blobBytes(fingerprint, maxListBytes, { context, call })
  if (bytes === 'too_large') call.logger.error('a CRL is too large to look for revoked certificates', { fingerprint })
  return bytes === undefined || bytes === 'too_large' ? undefined : parseCrl(bytes)
}

type Revocation = z.output<typeof revocationsFound.data>['revocations'][number]

/** Revocations of the list that are not known yet. A hold may end (RFC 5280 §5.3.1) and is left out: what is made known here does not end. */
async function unknownRevocations(
  list: CertificateList,
  issued: readonly { readonly fingerprint: string; readonly serialNumber: Uint8Array }[],
  { context, call }: Environment,
): Promise<readonly Revocation[]> {
  // Each once, also where it lies under the issuer's key of an earlier version too.
  const distinct = new Map(issued.map(row => [row.fingerprint, row]))
  const listed = [...distinct.values()].flatMap(({ fingerprint, serialNumber }) => {
    // A list with an entry that cannot be read is used for no certificate (RFC 5280 §5.3).
    const entry = decoded(() => list.entries?.find(serialNumber, list.issuer))
    if (entry === undefined || entry.reason === 'certificateHold' || entry.reason === 'removeFromCRL') return []
    const reason = revocationReasons.find(name => name === entry.reason) ?? 'unspecified'
    return [{ fingerprint, reason, revokedAt: new Date(entry.revocationDate).toISOString() }]
  })
  const known = await revocationsOf(
    context,
    listed.map(({ fingerprint }) => fingerprint),
    call,
  )
  const confirmed: Revocation[] = []
  for (const revocation of listed) {
    const { fingerprint } = revocation
    if (known.has(fingerprint) || !(await listRevokes(list, fingerprint, { context, call }))) continue
    confirmed.push(revocation)
  }
  return confirmed
}
