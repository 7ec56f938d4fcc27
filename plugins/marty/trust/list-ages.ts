import { type Age, defined } from '@mmf/framework'
import type { MartyConfig } from '../config.ts'
import type { TrustAnchorContext } from './operation.ts'
import { trustStoreOf } from './store/trust-store.ts'

/** How old the master lists in force are: that of the source whose list was signed first. Without lists there is no age. */
export async function trustListAges(
  context: Pick<TrustAnchorContext, 'database' | 'clock'> & { readonly config: MartyConfig },
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly trust_lists?: Age }> {
  const store = trustStoreOf(context, { signal })
  const current = await store.generation(await store.currentGeneration())
  // The signer may claim a time to come; a list is not younger than its import.
  const times = (current?.sources ?? []).map(({ signingTime, importedAt }) =>
    Math.min(Date.parse(signingTime), Date.parse(importedAt)),
  )
  if (times.length === 0) return {}
  const maxSeconds = context.config.trust_list_max_age
  const seconds = Math.max(0, Math.floor((context.clock.now().getTime() - Math.min(...times)) / 1000))
  return defined({ trust_lists: { seconds, maxSeconds, tooOld: seconds > maxSeconds } })
}
