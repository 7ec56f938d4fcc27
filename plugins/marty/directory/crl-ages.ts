import type { Age } from '@mmf/framework'
import type { MartyConfig } from '../config.ts'
import { isStale, newestCrls } from './newest-crls.ts'
import type { PkdContext } from './operation.ts'

/** How old the newest CRLs of the issuers are: that of the oldest. Without CRLs there is no age. */
export async function crlAges(
  context: Pick<PkdContext, 'database' | 'clock'> & { readonly config: MartyConfig },
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly crls?: Age }> {
  const newest = [...(await newestCrls(context, signal)).values()]
  if (newest.length === 0) return {}
  const now = context.clock.now().getTime()
  const maxSeconds = context.config.crl_max_age
  const oldest = Math.min(...newest.map(({ thisUpdate }) => Date.parse(thisUpdate)))
  const seconds = Math.max(0, Math.floor((now - oldest) / 1000))
  return { crls: { seconds, maxSeconds, tooOld: seconds > maxSeconds || newest.some(isStale(now)) } }
}
