import { put, type Write } from '@mmf/framework'
import type { PkdContext } from '../operation.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'
import { pkdState } from '../tables/pkd-state.ts'

/** The write that gives changed collections a new revision. It goes into the transaction of the change. */
export function newRevisions(
  context: PkdContext,
  changed: Iterable<PublicKeyRow['collection']>,
): Write<typeof pkdState>[] {
  const changedAt = context.clock.now().toISOString()
  return [...new Set(changed)].map(collection => put(pkdState, { collection, revision: context.ids.next(), changedAt }))
}
