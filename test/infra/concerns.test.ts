import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  auditEvent,
  cacheResult,
  circuitBreaker,
  definePlugin,
  defineService,
  publicAccess,
  rateLimit,
  requiresAuth,
  serviceScope,
} from '@mmf/framework'
import * as z from 'zod'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { issuer, type Synthesised, synthToy } from './toy-deployment.ts'
import { toy } from './toy-plugin.ts'

const none = z.strictObject({})

const open = serviceScope<unknown>()('toy_limited', {})
const limited = open({
  name: 'limited',
  input: none,
  output: none,
  http: { method: 'GET', path: '/v1/limited' },
  concerns: [
    requiresAuth(),
    rateLimit(),
    auditEvent({ eventType: 'toys_audited', action: 'look', resourceType: 'toy' }),
    cacheResult({ invalidateOn: ['toys_audited'] }),
  ],
  run: async () => ({}),
})
const plain = serviceScope<unknown>()('toy_plain', {})({
  name: 'plain',
  input: none,
  output: none,
  http: { method: 'GET', path: '/v1/plain' },
  concerns: [publicAccess(), cacheResult(), circuitBreaker()],
  run: async () => ({}),
})

const services = [
  ...toy.services,
  defineService({ name: 'toy_limited', description: 'Limits', operations: { limited } }),
  defineService({ name: 'toy_plain', description: 'Does not', operations: { plain } }),
]
const handlers = ['toy-sender', 'toy-reader', 'toy-inspector', 'toy-limited', 'toy-plain']
const platformHandlers = ['platform', 'outbox-relay', 'outbox-sweeper', 'dead-letters']

describe('what concerns need is derived', () => {
  let synthesised: Synthesised
  before(async () => {
    const plugins = [definePlugin({ ...toy, services })]
    synthesised = await synthToy('development', { plugins, handlers: [...handlers, ...platformHandlers] })
  })

  const writersOf = (table: string) =>
    statementsOf(synthesised.state, synthesised.service)
      .filter(
        ({ actions, resources }) => actions.includes('dynamodb:PutItem') && resources.some(r => r.startsWith(table)),
      )
      .flatMap(({ roles }) => roles)
      .map(role => role.replace(/(Role)?[0-9A-F]{8}.*$/, ''))
      .toSorted()

  it('only the service that limits its callers may count them', () => {
    assert.deepEqual(writersOf('RateLimitsTable').filter(role => /Limited|Plain|Sender/.test(role)).length, 1)
    assert.match(writersOf('RateLimitsTable').join(), /Limited/)
  })

  it('where the configuration limits principals, every function may count them', async () => {
    const variables = { ...issuer, MMF__rate_limits__callers: '{"*":{"requests_per_second":5}}' }
    const limitedToy = await synthToy('development', { variables })
    const writers = statementsOf(limitedToy.state, limitedToy.service)
      .filter(
        ({ actions, resources }) =>
          actions.includes('dynamodb:PutItem') && resources.some(r => r.startsWith('RateLimitsTable')),
      )
      .flatMap(({ roles }) => roles)
    for (const role of [/ToySender/, /ToyReader/, /Platform/]) assert.match(writers.join(), role)
  })

  it('an audited operation may write into the outbox, one without events may not', () => {
    const writers = writersOf('OutboxTable').join()
    assert.match(writers, /Limited/)
    assert.doesNotMatch(writers, /Plain/)
  })

  it('an operation with a circuit breaker has an alarm over its opening', () => {
    const alarms = Object.values(resourcesOf(synthesised.service)).filter(r => r.Type === 'AWS::CloudWatch::Alarm')
    const [found, ...others] = alarms.filter(({ Properties }) =>
      /plain_left_alone$/.test(String(Properties['AlarmName'])),
    )
    assert.equal(others.length, 0)
    assert.equal(found?.Properties['MetricName'], 'mmf_circuit_transitions_total')
    assert.deepEqual(found?.Properties['Dimensions'], [
      { Name: 'circuit', Value: 'toy.toy_plain.plain' },
      { Name: 'to', Value: 'open' },
    ])
  })

  it('invalidation by an event is a subscription with its rule', () => {
    const rules = Object.values(resourcesOf(synthesised.service)).filter(({ Type }) => Type === 'AWS::Events::Rule')
    const patterns = rules.map(({ Properties }) => JSON.stringify(Properties['EventPattern'] ?? null))
    assert.equal(patterns.filter(pattern => pattern.includes('toys_audited')).length, 1)
  })
})
