import { cacheKey } from '@mmf/framework'
import type { PkdContext } from '../operation.ts'

/** How long it is remembered that there is no key, in seconds: unknown names are asked for again and again, and may come any moment. */
export const negativeTtlSeconds = 60

/** `pkd:key:<canonical reference>` */
export const lookupKey = (canonical: string): string => cacheKey('pkd', 'key', canonical)

/** To be called after what changes an answer is committed: a reference may mean any certificate of a subject, so all go. */
export const forgetLookups = (context: PkdContext): Promise<void> => context.cache.deletePattern('pkd:key:*')
