import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventKind, type ForeignEvent, unsupportedEvent } from './event-kind.ts'

const request = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/health',
  rawQueryString: '',
  headers: {},
  requestContext: { requestId: 'r', stage: '$default', http: { method: 'GET', path: '/health' } },
  isBase64Encoded: false,
}
const cloudEvent = { specversion: '1.0', id: '1', type: 'marty.x.v1', data: {} }
const without = (name: string) => Object.fromEntries(Object.entries(request).filter(([key]) => key !== name))

for (const [kind, event] of [
  ['http', request],
  ['http', { ...request, body: null }],
  [
    'http',
    { ...request, body: '{}', cookies: ['a=b'], requestContext: { ...request.requestContext, authentication: null } },
  ],
  ['call', { mmf: 'call', service: 'a', operation: 'b', input: {} }],
  ['schedule', { mmf: 'schedule', operation: 'a.b' }],
  ['health', { mmf: 'health' }],
  ['ready', { mmf: 'ready' }],
  ['event', { version: '0', 'detail-type': 'marty.x.v1', source: 'marty', detail: cloudEvent }],
] as const) {
  test(`takes ${kind}: ${Object.keys(event).join(', ')}`, () => assert.equal(eventKind(event), kind))
}

const v1 = { resource: '/{p+}', path: '/health', httpMethod: 'GET', headers: {}, requestContext: { stage: 'prod' } }
for (const [what, event, answered, shape] of [
  ['nothing', undefined, false, /undefined/],
  ['null', null, false, /null/],
  ['a list', [], false, /list/],
  ['text', 'warm', false, /string/],
  ['{}', {}, false, /empty/],
  ['a warm-up', { source: 'serverless-plugin-warmup' }, false, /unknown/],
  [
    'a schedule of EventBridge',
    { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} },
    false,
    /EventBridge/,
  ],
  [
    'an event of another application',
    { 'detail-type': 'order', source: 'shop', detail: { id: 1 } },
    false,
    /EventBridge/,
  ],
  ['SQS', { Records: [{ messageId: '1', body: '{}', eventSource: 'aws:sqs' }] }, false, /aws:sqs/],
  ['SNS', { Records: [{ EventSource: 'aws:sns', Sns: {} }] }, false, /aws:sns/],
  ['a stream', { Records: [{ eventSource: 'aws:dynamodb', dynamodb: {} }] }, false, /aws:dynamodb/],
  ['records without any', { Records: [] }, false, /records/],
  ['Kafka', { eventSource: 'aws:kafka', records: { 't-0': [] } }, false, /aws:kafka/],
  ['CloudFront', { Records: [{ cf: { request: {} } }] }, false, /records/],
  ['payload 1.0', { ...v1, version: '1.0' }, true, /1\.0/],
  ['REST', v1, true, /1\.0/],
  ['a load balancer', { ...v1, requestContext: { elb: { targetGroupArn: 'x' } } }, true, /Load Balancer/],
  ['a WebSocket', { requestContext: { connectionId: 'c', routeKey: '$connect' } }, true, /WebSocket/],
  ['an authorizer request', { ...request, type: 'REQUEST', routeArn: 'arn' }, false, /authorizer/],
  ['an authorizer request of 1.0', { ...v1, type: 'REQUEST', methodArn: 'arn' }, false, /authorizer/],
  ['no headers', without('headers'), true, /not whole/],
  ['headers that are no text', { ...request, headers: { a: 1 } }, true, /not whole/],
  ['no path', without('rawPath'), true, /not whole/],
  ['a path without its slash', { ...request, rawPath: 'health' }, true, /not whole/],
  ['no query', without('rawQueryString'), true, /not whole/],
  ['no method', { ...request, requestContext: { requestId: 'r', http: {} } }, true, /not whole/],
  ['no context', without('requestContext'), true, /not whole/],
  ['no version', without('version'), true, /not whole/],
  ['a body that is no text', { ...request, body: {} }, true, /not whole/],
  ['another call', { mmf: 'other' }, false, /unknown/],
  ['half a call', { mmf: 'call', service: 'a' }, false, /unknown/],
  ['a call inside a request', { ...request, mmf: 'other' }, false, /unknown/],
] as const) {
  test(`refuses ${what}`, () => {
    const found = eventKind(event) as ForeignEvent
    assert.equal(typeof found, 'object')
    assert.match(found.shape, shape)
    assert.equal(found.answered, answered)
    const error = unsupportedEvent(found)
    assert.equal(error.code, 'event_unsupported')
    assert.match(error.detail ?? '', /payload format 2\.0/)
  })
}

test('says something of anything, and repeats nothing of it', () => {
  const members = fc.constantFrom(
    'mmf',
    'version',
    'Records',
    'detail',
    'detail-type',
    'requestContext',
    'headers',
    'type',
    'rawPath',
  )
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.dictionary(members, fc.anything())), event => {
      const kind = eventKind(event)
      if (typeof kind === 'object') assert.ok(unsupportedEvent(kind).message.length < 400)
    }),
  )
  const secret = eventKind({ Records: [{ eventSource: 'secret-token' }], secret: 'secret' })
  assert.doesNotMatch(JSON.stringify(secret), /secret/)
})
