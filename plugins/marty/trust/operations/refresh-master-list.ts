import { type Call, idempotent, isMmfError, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { requiredSource } from '../../certificates/sources/configured-source.ts'
import { fetchSource, rememberSource } from '../../certificates/sources/fetch-source.ts'
import { request } from '../changes/carry-out.ts'
import { administrators, counted } from '../concerns.ts'
import { importing } from '../lists/list-importing.ts'
import { operation, type TrustAnchorContext } from '../operation.ts'
import { Imported, ImportRequest, Proposed } from '../schemas.ts'

const { trustedSigner, force, compatibilities } = ImportRequest.shape
const RefreshRequest = z.strictObject({ trustedSigner, force, compatibilities })
type RefreshRequest = z.output<typeof RefreshRequest>

/** What was fetched is what was last accepted; the trust store is as it was. */
const Unchanged = z.strictObject({ unchanged: z.literal(true) })
type Refreshed = Imported | Proposed | z.output<typeof Unchanged>

const maxBytes = 20_000_000
/** A list that waits for a second administrator is kept under the limit of a request. */
const maxProposedBytes = 3_400_000

/** What a source of lists is called: the host of its address. Characters that no source has (IPv6) become dashes. */
const sourceOf = (url: string): string =>
  new URL(url).hostname
    .replace(/^\[|\]$/g, '')
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '0')
    .slice(0, 64)

/** 201 it is in force; 202 it waits for a second administrator; 200 nothing has changed. */
const statusOf = (output: Refreshed) => ('unchanged' in output ? 200 : 'proposalId' in output ? 202 : 201)

/** Fetches the list that `master_list_source_url` names and imports it as a request with these bytes would. */
export const refreshMasterList = operation({
  name: 'refresh_master_list',
  description: 'Fetches the master list of master_list_source_url and imports it, unless it is the one last imported.',
  input: RefreshRequest,
  output: z.union([Imported, Proposed, Unchanged]),
  http: { method: 'POST', path: '/v1/trust-anchors/master-lists/refresh', load: 'import', status: statusOf },
  concerns: [
    administrators(),
    counted('refresh'),
    traceOperation({ operationName: 'refresh_master_list' }),
    idempotent({ afterwards: true }),
  ],
  run: (input, { context, call }) => refresh(input, { context, call }),
})

export async function refresh(
  input: RefreshRequest,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<Refreshed> {
  const { trust_anchor_timeout: seconds, trust_two_person_approval: proposed } = context.config
  const { url, authorization } = requiredSource(context.config, 'master_list')
  const fetched = await fetchSource(context, {
    source: 'trust_anchor',
    url,
    authorization,
    maxBytes: proposed ? maxProposedBytes : maxBytes,
    timeoutMs: seconds * 1000,
    force: input.force ?? false,
    signal: call.signal,
  })
  if (fetched === undefined) return { unchanged: true }
  const { content, state } = fetched
  const answer = await request(importing, { ...input, masterList: content, source: sourceOf(url) }, { context, call })
    // The list came into force, and the process ended before it was remembered; or it was imported by hand.
    .catch(error => {
      if (isMmfError(error, 'master_list_duplicate')) return { unchanged: true } as const
      throw error
    })
  await rememberSource(context, state, call)
  return answer
}
