import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMmfError } from '../../errors/mmf-error.ts'
import { defineRole } from '../access.ts'
import { publishes } from '../publishes.ts'
import { auditEvent } from './audit-event.ts'
import { cacheResult } from './cache-result.ts'
import { fallback } from './fallback.ts'
import { idempotent } from './idempotent.ts'
import { answer, reader, writer } from './letters.fixture.ts'
import { rateLimit } from './rate-limit.ts'
import { publicAccess, requiresAuth } from './requires-auth.ts'
import { bulkhead, circuitBreaker, retry, timeout } from './resilience.ts'
import { trackMetrics } from './track-metrics.ts'

describe('a declaration that cannot work is refused when it is made', () => {
  const invalid = (error: unknown) => isMmfError(error, 'concern_invalid')
  const refused: Readonly<Record<string, () => unknown>> = {
    'cacheResult: ttl 0': () => cacheResult({ ttlSeconds: 0 }),
    'cacheResult: ttl of more than 7 days': () => cacheResult({ ttlSeconds: 604_801 }),
    'cacheResult: half a second': () => cacheResult({ ttlSeconds: 0.5 }),
    'cacheResult: ttl as a text': () => cacheResult({ ttlSeconds: '60' as never }),
    'cacheResult: per tenant': () => cacheResult({ per: 'tenant' as never }),
    'rateLimit: 0 a second': () => rateLimit({ requestsPerSecond: 0 }),
    'rateLimit: NaN a second': () => rateLimit({ requestsPerSecond: Number.NaN }),
    'rateLimit: a burst of 0': () => rateLimit({ burstSize: 0 }),
    'timeout: 0': () => timeout({ timeoutMs: 0 }),
    'timeout: for ever': () => timeout({ timeoutMs: Number.POSITIVE_INFINITY }),
    'retry: one attempt': () => retry({ maxAttempts: 1 }),
    'retry: 11 attempts': () => retry({ maxAttempts: 11 }),
    'retry: a longest wait below the first': () => retry({ baseDelayMs: 1000, maxDelayMs: 10 }),
    'circuitBreaker: opens at 0 failures': () => circuitBreaker({ failureThreshold: 0 }),
    'circuitBreaker: a rate above 1': () => circuitBreaker({ failureRate: 1.5 }),
    'circuitBreaker: a rate and a number': () => circuitBreaker({ failureRate: 0.5, failureThreshold: 3 }),
    'circuitBreaker: never open': () => circuitBreaker({ openSeconds: 0 }),
    'bulkhead: no place': () => bulkhead({ maxConcurrent: 0 }),
    'bulkhead: a queue below 0': () => bulkhead({ maxWaiting: -1 }),
    'fallback: to nothing': () => fallback({ to: 'nothing' as never }),
    'publishes: neither outcome': () => publishes({} as never),
    'auditEvent: an action that is no name': () => auditEvent({ eventType: 'a', action: 'Send it', resourceType: 'c' }),
    'auditEvent: no event': () => auditEvent({ eventType: '', action: 'b', resourceType: 'c' }),
    'retry on what may not run twice': () => writer([requiresAuth(), retry()]),
    'cacheResult on what writes': () => writer([requiresAuth(), cacheResult()]),
    'cacheResult with an Idempotency-Key': () => writer([requiresAuth(), idempotent(), cacheResult()]),
    'cacheResult before requiresAuth': () => reader([cacheResult(), requiresAuth()], answer),
    'fallback before requiresAuth': () => reader([fallback({ to: () => ({ n: 0 }) }), requiresAuth()], answer),
    'rateLimit before requiresAuth': () => reader([rateLimit(), requiresAuth()], answer),
    'cacheResult before auditEvent': () =>
      reader([publicAccess(), cacheResult(), auditEvent({ eventType: 'a', action: 'b', resourceType: 'c' })], answer),
    'retry within circuitBreaker': () => reader([publicAccess(), circuitBreaker(), retry()], answer),
    'rateLimit within retry': () => reader([publicAccess(), retry(), rateLimit()], answer),
    'two rate limits': () => reader([publicAccess(), rateLimit(), rateLimit()], answer),
    'two caches': () => reader([publicAccess(), cacheResult(), cacheResult()], answer),
  }
  for (const [what, make] of Object.entries(refused)) it(what, () => assert.throws(make, invalid))

  it('and what can work is not', () => {
    const role = defineRole({ name: 'reader', description: 'Reads' })
    reader(
      [
        requiresAuth({ roles: [role] }),
        trackMetrics({ metricName: 'm' }),
        rateLimit(),
        cacheResult(),
        retry(),
        circuitBreaker(),
      ],
      answer,
    )
  })
})
