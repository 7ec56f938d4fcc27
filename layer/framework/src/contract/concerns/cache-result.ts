import * as z from 'zod'
import { cacheKey, type KeyPart } from '../../cache/cache-key.ts'
import type { Value } from '../../database/table.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { AnyEvent } from '../../events/events.ts'
import type { Principal } from '../call.ts'
import { type AboutOperation, type Concern, concern, type Invocation, type Method } from '../operation/concern.ts'
import { checkNumber } from './check-option.ts'

export interface CacheResultOptions<Input> {
  /** How long an answer may be given again, in whole seconds, 1 to 7 days; default 300. */
  readonly ttlSeconds?: number
  /** What the answer depends on; default the whole input. */
  readonly key?: (input: Input) => KeyPart
  /**
   * `principal`, the default: each principal gets only what was stored for it, with the same roles and permissions. `everyone`: the answer does not depend on who asks.
   */
  readonly per?: 'principal' | 'everyone'
  /** Events after which every stored answer of the operation is forgotten: definitions, or names as `eventHandler` takes them. Default none. */
  readonly invalidateOn?: readonly (AnyEvent | string)[]
}

const maxTtlSeconds = 7 * 86_400

/** What every stored answer of an operation begins with. */
const namespace = 'result'

/** The pattern of all stored answers of an operation. */
export const resultsOf = (service: string, name: string): string => `${cacheKey(namespace, service, name)}:*`

/**
 * Gives a stored answer again. The operation runs once however many ask for the same; what it throws is not stored. Metrics of `trackMetrics` before it get
 * the label `cache_hit`. A cache that does not answer counts as empty.
 * @throws {MmfError} `concern_invalid` when it is declared, also on an operation that may change something
 */
export function cacheResult<Input, Output>(options: CacheResultOptions<Input> = {}): Concern<Input, Output> {
  const { ttlSeconds = 300, key, per = 'principal', invalidateOn = [] } = options
  checkNumber('cacheResult', 'ttlSeconds', ttlSeconds, { min: 1, max: maxTtlSeconds })
  if (per !== 'principal' && per !== 'everyone') {
    throw new MmfError('concern_invalid', { detail: 'cacheResult: per must be principal or everyone' })
  }
  const events = invalidateOn.map(event => (typeof event === 'string' ? event : `${event.name}.v${event.version}`))
  return concern({ cache: { per, invalidateOn: events } }, async (next, input, invocation) => {
    const { context, call, operation } = invocation
    if (operation === undefined) {
      throw new MmfError('concern_invalid', { detail: 'cacheResult: no operation is around the method; see serviceOf' })
    }
    const who = per === 'everyone' ? null : identity(call.principal)
    const what = key === undefined ? (z.encode(operation.input, input) as KeyPart) : key(input)
    // Addresses in an answer begin with the base path.
    const at = cacheKey(namespace, operation.service, operation.name, [who, call.basePath ?? '', what ?? null])
    // What is stored is whole: an answer that leaves out what one client has already is no answer for the next one.
    const whole = { ...invocation, call: { ...call, ifNoneMatch: undefined } }
    const { stored, hit, own } = await ask(at, ttlSeconds, { next, input, invocation: whole, operation })
    invocation.label('cache_hit', String(hit))
    if (own !== undefined) return own.output
    const decoded = z.safeDecode(operation.output, stored as never)
    if (decoded.success) return decoded.data as Output
    // Stored by a version with another schema: it counts as not there.
    await context.cache.delete(at)
    return next(input, whole)
  })
}

/** Who asks, and what this very token allows: an answer may show more to a role. */
function identity(principal: Principal | undefined): KeyPart {
  if (principal === undefined) return null
  const { subject, roles, permissions } = principal
  return { subject, roles: roles.toSorted(), permissions: permissions.toSorted() }
}

interface Work<Input, Output> {
  readonly next: Method<Input, Output>
  readonly input: Input
  readonly invocation: Invocation
  readonly operation: AboutOperation
}

/** The answer in its wire form, and as this call made it where it did. */
async function ask<Input, Output>(at: string, ttlSeconds: number, work: Work<Input, Output>) {
  const { next, input, invocation, operation } = work
  let own: { readonly output: Output } | undefined
  const { value, hit } = await invocation.context.cache.getOrLoad<{ wire: Value } & Record<string, Value>>(
    at,
    { ttlSeconds, negativeTtlSeconds: 0 },
    async () => {
      const output = await next(input, invocation)
      own = { output }
      const wire = z.safeEncode(operation.output, output)
      // What is outside the schema is refused where the answer is made; it is not stored.
      return wire.success && wire.data !== undefined ? { wire: wire.data as Value } : undefined
    },
  )
  return { stored: value?.wire, hit, own: own as { readonly output: Output } | undefined }
}
