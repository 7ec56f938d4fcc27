import { type Call, put, unlessConflict } from '@mmf/framework'
import type { Evaluated } from '../evaluation/evaluate.ts'
import { revocationSearchContinued } from '../events/revocation-search-continued.ts'
import type { ValidationContext } from '../operation.ts'
import { type FetchedEvidenceRow, fetchedEvidence } from '../tables/fetched-evidence.ts'
import type { Asked } from './fetch.ts'
import { rememberRepetition } from './ocsp-nonce.ts'

/** How exactly it is remembered when something was used last: a write a day, not one for each verdict. */
const usedAccuracyMs = 86_400_000

/**
 * Remembers of each row that was looked at that it was used, and that its latest contents are proven where they have decided: where a signature
 * held and a certificate was shown good or revoked, or where a certificate stands in a valid path.
 * A row that another process has changed meanwhile is left alone: the next verdict says the same.
 */
export async function settle(
  { database, clock, events, ids }: ValidationContext,
  seen: readonly Asked[],
  evaluated: readonly Evaluated[],
  { signal, correlationId, span }: Call,
): Promise<void> {
  const decided = decisive(evaluated)
  const now = clock.now()
  for (const { row, repeatsNonce } of seen) {
    if (repeatsNonce === true && row.latest !== undefined && decided.has(row.latest.sha256))
      await rememberRepetition(database, row.url, { now, signal })
    const next = settled(row, decided, now)
    if (next === undefined) continue
    const crl = next.kind === 'crl' && next.proven !== row.proven ? next.proven?.sha256 : undefined
    const search = crl === undefined ? [] : [{ searchId: ids.next(), step: 0, place: 'fetched' as const, crls: [crl] }]
    await unlessConflict(
      database.transaction(
        [
          put(fetchedEvidence, next, { when: { revision: row.revision } }),
          // Other verdicts may rest on certificates that this list names.
          ...search.map(data =>
            events.outbox(revocationSearchContinued, data, { subject: data.searchId, correlationId, span }),
          ),
        ],
        { signal },
      ),
    )
  }
}

function settled(row: FetchedEvidenceRow, decided: ReadonlySet<string>, now: Date): FetchedEvidenceRow | undefined {
  const { latest, proven, usedAt, revision } = row
  const isProven = latest !== undefined && latest.sha256 !== proven?.sha256 && decided.has(latest.sha256)
  const isOld = now.getTime() - Date.parse(usedAt) > usedAccuracyMs
  if (!isProven && !isOld) return undefined
  return { ...row, ...(isProven ? { proven: latest } : {}), usedAt: now.toISOString(), revision: revision + 1 }
}

/** SHA-256 of what decided these verdicts. */
function decisive(evaluated: readonly Evaluated[]): ReadonlySet<string> {
  const hashes = new Set<string>()
  for (const { verdict, inputs } of evaluated) {
    if (verdict.valid) for (const { fingerprint } of verdict.path) hashes.add(fingerprint)
    for (const { source, index, status } of verdict.revocation) {
      if (index === null || (status !== 'good' && status !== 'revoked')) continue
      const evidence = source === 'crl' ? inputs.crls[index] : inputs.ocspResponses[index]
      if (evidence !== undefined) hashes.add(evidence.fingerprint)
    }
  }
  return hashes
}
