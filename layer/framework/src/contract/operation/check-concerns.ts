import { MmfError } from '../../errors/mmf-error.ts'
import type { Scope } from '../scope.ts'
import type { Concern } from './concern.ts'
import type { Declaration } from './declaration.ts'
import { readsOnly, repeatable } from './repeatable.ts'

interface Concerned {
  readonly service: string
  readonly name: string
  readonly http?: { readonly method: string } | undefined
  readonly scope: Scope
  // biome-ignore lint/suspicious/noExplicitAny: concerns of any operation.
  readonly concerns: readonly Concern<any, any>[]
  readonly declares: Declaration
  /** Whether it takes `{}`, which is what a schedule calls with. */
  readonly takesNothing: () => boolean
}

type Kind = keyof Declaration

/** Of these a second one would share the state of the first, or only one would be declared. */
const once: readonly Kind[] = [
  'cache',
  'rateLimit',
  'audit',
  'timeout',
  'retry',
  'circuitBreaker',
  'bulkhead',
  'fallback',
  'idempotent',
  'event',
  'schedule',
]

/** The first must stand outside the second: why. */
const order: readonly (readonly [outer: Kind, inner: Kind, why: string])[] = [
  ['auth', 'cache', 'a stored answer would reach a caller who may not have it'],
  ['auth', 'fallback', 'a refused caller would get the fallback'],
  ['auth', 'rateLimit', 'a refused caller would use up the limit'],
  ['audit', 'cache', 'an answer from the cache would leave no record'],
  ['audit', 'fallback', 'the record would say success'],
  ['rateLimit', 'retry', 'every retry would count as a call'],
  ['retry', 'circuitBreaker', 'the circuit would not see the failures that were tried again'],
]

/** @throws {MmfError} `concern_invalid` for concerns that cannot work together, or not on this operation */
export function checkConcerns(operation: Concerned): void {
  const { service, name, concerns, declares } = operation
  const refuse = (detail: string): never => {
    throw new MmfError('concern_invalid', { detail: `${service}.${name}: ${detail}` })
  }
  const at = (kind: Kind) => concerns.findIndex(({ declares: d }) => d?.[kind] !== undefined)
  for (const kind of once) {
    const count = concerns.filter(({ declares: d }) => d?.[kind] !== undefined).length
    if (count > 1) refuse(`${count} concerns of the kind ${kind}; one is allowed`)
  }
  for (const [outer, inner, why] of order) {
    if (at(outer) > -1 && at(inner) > -1 && at(outer) > at(inner)) {
      refuse(`${nameOf(outer)} must stand before ${nameOf(inner)}, or ${why}`)
    }
  }
  if (declares.schedule !== undefined && !operation.takesNothing()) {
    refuse(
      'scheduled, and its input refuses {}, which is what every run of a schedule gets; each member must be optional',
    )
  }
  if (declares.cache !== undefined && !readsOnly(operation)) {
    refuse(
      'cacheResult on an operation that may change something; a GET, or a scope without anything to change, is needed',
    )
  }
  if (declares.retry !== undefined && repeatable(operation) === 'never') {
    refuse(
      'retry on an operation whose second run may do harm; GET, PUT, DELETE, a scope without anything to change, or idempotent() is needed',
    )
  }
}

const nameOf = (kind: Kind): string =>
  (({ auth: 'requiresAuth', cache: 'cacheResult', audit: 'auditEvent' }) as Partial<Record<Kind, string>>)[kind] ?? kind
