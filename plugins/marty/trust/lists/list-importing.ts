import { defined, insert, MmfError } from '@mmf/framework'
import { type ChangeKind, correlation, type Planned, type PlanningContext } from '../changes/change-kind.ts'
import { masterListUpdated } from '../events/trust-master-list-updated.ts'
import type { Imported, ImportRequest } from '../schemas.ts'
import { generationDigits } from '../store/generation-digits.ts'
import { revocationsOf } from '../store/revocations.ts'
import type { SourceList } from '../tables/trust-generations.ts'
import { trustImports } from '../tables/trust-imports.ts'
import { type JudgedCertificates, judgeList } from './judge-list.ts'
import { type PlannedList, planList } from './plan-list.ts'
import { type ReadList, readList } from './read-list.ts'
import { type VerifiedList, verifyList } from './verify-list.ts'

/** A list that was read, verified and compared; nothing is written yet. */
export interface JudgedList {
  readonly list: ReadList
  readonly certificates: JudgedCertificates
  readonly verified: VerifiedList
  readonly planned: PlannedList
  readonly listId: string
  readonly previous: SourceList | undefined
}

/** A source's newer list takes the place of its last one. */
export const importing: ChangeKind<ImportRequest, Imported> = {
  operation: 'import_master_list',
  action: 'master_list_imported',
  reason: () => undefined,
  async plan(request, planning) {
    return planned(request, await judgeRequest(request, planning), planning)
  },
}

/** @throws {MmfError} `master_list_invalid`, `master_list_untrusted`, `master_list_older`, `master_list_duplicate` */
export async function judgeRequest(request: ImportRequest, planning: PlanningContext): Promise<JudgedList> {
  const { base, store, context, call } = planning
  const { masterList: bytes, source, trustedSigner, force = false, compatibilities = [] } = request
  const list = readList(bytes, { tolerant: compatibilities.includes('cms-tolerant') })
  const previous = base.sources.find(one => one.source === source)
  const verified = await verifyList(list, {
    bytes,
    store,
    generation: base.generation,
    now: context.clock.now(),
    compatibilities,
    ...defined({ trustedSigner, previous }),
  })
  await refuseRevoked(verified, planning)
  if (!force) refuseOlder(list, verified, previous)
  const listId = context.ids.next()
  const { named } = verified
  const { signal } = call
  const certificates = await judgeList(list, signal)
  const options = { database: context.database, base, listId, source, previous, named, signal }
  return { list, certificates, verified, previous, listId, planned: await planList(list, certificates, options) }
}

/** @throws {MmfError} `master_list_untrusted`: a revocation made known here holds for the signer too */
async function refuseRevoked({ path }: VerifiedList, { context, call }: PlanningContext): Promise<void> {
  const [revoked] = (await revocationsOf(context, path, { signal: call.signal })).values()
  if (revoked === undefined) return
  const message = `${revoked.fingerprint} is revoked since ${revoked.revokedAt}: ${revoked.reason}`
  throw new MmfError('master_list_untrusted', {
    detail: message,
    errors: [{ path: 'masterList', code: 'revoked', message }],
  })
}

/** @throws {MmfError} `master_list_duplicate`, `master_list_older` */
function refuseOlder({ sha256 }: ReadList, { signingTime }: VerifiedList, previous: SourceList | undefined): void {
  if (previous === undefined) return
  const last = `the last one of ${previous.source} is of ${previous.signingTime}`
  const signed = signingTime.toISOString()
  if (sha256 === previous.sha256) throw new MmfError('master_list_duplicate', { detail: last })
  if (signed < previous.signingTime) {
    throw new MmfError('master_list_older', {
      detail: `signed ${signed}, but ${last}; force takes it all the same`,
      members: { signingTime: signed, lastSigningTime: previous.signingTime },
    })
  }
}

/** Events have a size limit; who needs all of them compares two generations. */
const maxEnded = 1000

function planned(request: ImportRequest, judged: JudgedList, planning: PlanningContext): Planned<Imported> {
  const { list, verified, listId } = judged
  const { context, base, principal, approvedBy } = planning
  const { source, force = false } = request
  const { counts, entries, content, ended } = judged.planned
  const signingTime = verified.signingTime.toISOString()
  const { sha256 } = list
  const importedAt = context.clock.now().toISOString()
  const current: SourceList = { source, listId, sha256, signingTime, signerCountry: verified.signerCountry, importedAt }
  const common = {
    listId,
    source,
    sha256,
    signingTime,
    signer: {
      subject: verified.signer.toJSON().subject,
      fingerprint: verified.signer.fingerprint,
      country: verified.signerCountry,
    },
    anchorId: verified.anchorId,
    anchorNamed: verified.named?.fingerprint === verified.anchorId,
    forced: force,
    compatibilities: [...verified.compatibilities],
    counts,
  }
  return {
    plan: {
      entries,
      content,
      record: { source, counts },
      sources: [...base.sources.filter(one => one.source !== source), current],
    },
    accompany: ({ generation, activatedAt }) => [
      insert(trustImports, {
        kind: 'import',
        position: generationDigits(generation),
        generation,
        ...common,
        importedAt: activatedAt,
        principal,
        ...defined({ approvedBy }),
      }),
      context.events.outbox(
        masterListUpdated,
        {
          listId,
          source,
          generation,
          sha256,
          signingTime,
          counts,
          ended: ended.slice(0, maxEnded),
          endedOmitted: Math.max(0, ended.length - maxEnded),
          principal,
        },
        correlation(planning, source),
      ),
    ],
    answer: ({ generation }) => ({ ...common, generation }),
    preview: { ...common },
  }
}
