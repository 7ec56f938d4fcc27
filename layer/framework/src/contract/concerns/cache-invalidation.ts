import * as z from 'zod'
import type { AnyOperation } from '../operation/operation.ts'
import { serviceScope } from '../operation/operation.ts'
import { resultsOf } from './cache-result.ts'
import { eventHandler } from './event-handler.ts'

/**
 * One more operation for each event after which the results of a cached operation are forgotten. As operations they are subscribed, delivered,
 * repeated and watched like every other handler of an event.
 */
export function cacheInvalidations(operations: readonly AnyOperation[]): Readonly<Record<string, AnyOperation>> {
  const found = operations.flatMap(({ service, name, declares }) =>
    (declares.cache?.invalidateOn ?? []).map((eventType, n) => {
      const invalidation = serviceScope<unknown>()(service, {})({
        name: `${name}_invalidation_${n + 1}`,
        description: `Forgets the stored answers of ${name} after ${eventType}.`,
        input: z.unknown(),
        output: z.undefined(),
        concerns: [eventHandler({ eventType })],
        async run(_event, { context }) {
          await context.cache.deletePattern(resultsOf(service, name))
          return undefined
        },
      })
      return [invalidation.name, invalidation as AnyOperation] as const
    }),
  )
  return Object.fromEntries(found)
}
