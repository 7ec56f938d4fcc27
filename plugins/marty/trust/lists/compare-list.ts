import type { Call } from '@mmf/framework'
import { MmfError } from '@mmf/framework'
import { currentBase } from '../changes/change-base.ts'
import { planningOn } from '../changes/change-kind.ts'
import type { TrustAnchorContext } from '../operation.ts'
import type { Compared, ImportRequest } from '../schemas.ts'
import { countryOf } from '../store/certificate-facts.ts'
import { type TrustStore, trustStoreOf } from '../store/trust-store.ts'
import type { JudgedCertificates } from './judge-list.ts'
import { type JudgedList, judgeRequest } from './list-importing.ts'

type Described = Compared['added'][number]

/** What an import would change, without changing it. @throws {MmfError} what the import would throw */
export async function compareList(
  request: ImportRequest,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<Compared> {
  const principal = call.principal?.subject
  if (principal === undefined) throw new MmfError('authentication_required')
  const base = await currentBase(context, call.signal)
  const judged = await judgeRequest(request, planningOn(base, { context, call, principal }))
  const { difference, counts } = judged.planned
  const store = trustStoreOf(context, { signal: call.signal })
  const describe = (fingerprints: readonly string[]) => describeAll(fingerprints, judged, store, base.generation)
  const [added, removed, changed] = [
    await describe(difference.added),
    await describe(difference.removed),
    await describe(difference.changed),
  ]
  return {
    dryRun: true,
    source: request.source,
    signingTime: judged.verified.signingTime.toISOString(),
    added,
    removed,
    changed,
    byCountry: byCountry({ added, removed, changed }),
    counts: { ...counts },
  }
}

async function describeAll(
  fingerprints: readonly string[],
  { certificates, planned }: JudgedList,
  store: TrustStore,
  generation: number,
): Promise<Described[]> {
  const described: Described[] = []
  for (const fingerprint of fingerprints) {
    const row = planned.known.get(fingerprint)
    const country = row?.country ?? listedCountry(certificates, fingerprint)
    const listed = certificates.get(fingerprint)
    const subject =
      listed?.certificate?.toJSON().subject ?? (await store.byFingerprint(fingerprint, generation))?.names.subject ?? ''
    described.push({ fingerprint, subject, country, kind: listed?.kind ?? row?.kind ?? 'quarantined' })
  }
  return described
}

function listedCountry(certificates: JudgedCertificates, fingerprint: string): string {
  const certificate = certificates.get(fingerprint)?.certificate
  return (certificate === undefined ? undefined : countryOf(certificate.subject)) ?? ''
}

function byCountry(difference: Record<'added' | 'removed' | 'changed', readonly Described[]>): Compared['byCountry'] {
  const counted: Record<string, { added: number; removed: number; changed: number }> = {}
  for (const kind of ['added', 'removed', 'changed'] as const) {
    for (const { country } of difference[kind]) {
      const entry = counted[country] ?? { added: 0, removed: 0, changed: 0 }
      entry[kind] += 1
      counted[country] = entry
    }
  }
  return Object.fromEntries(Object.entries(counted).sort(([a], [b]) => (a < b ? -1 : 1)))
}
