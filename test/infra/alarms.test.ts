import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import * as dynamo from '@aws-sdk/client-dynamodb'
import * as bus from '@aws-sdk/client-eventbridge'
import { marty } from '@marty/plugin'
import { type ErrorCode, MmfError } from '@mmf/framework'
import { createIdempotency } from '@mmf/framework/embedded'
import { createFunctionHandler } from '@mmf/framework/http'
import { createTestPlatform } from '@mmf/framework/testing'
import { lambdaContext } from '../../infra/local/lambda-context.ts'
import { createDeadLetterFiling } from '../../layer/framework/src/aws/dead-letter-filing.ts'
import { createOutboxSweeper } from '../../layer/framework/src/aws/outbox-sweeper.ts'
import { type Alarm, alarmsOf, platformAlarms } from '../../layer/framework/src/derive/alarms-of.ts'
import { oneByOne } from '../../layer/framework/src/events/one-by-one.ts'
import { createEmfMetrics } from '../../layer/framework/src/observability/emf-metrics.ts'
import { createLambdaObservability } from '../../layer/framework/src/observability/lambda-observability.ts'
import { createResilience } from '../../layer/framework/src/resilience/create-resilience.ts'
import { guardedDatabase, guardedKeys, guardedTransport } from '../../layer/framework/src/resilience/guarded-ports.ts'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { type Synthesised, synthToy } from './toy-deployment.ts'

type Properties = Readonly<Record<string, unknown>>

const namespace = 'demo/production'
let synthesised: Synthesised

before(async () => {
  synthesised = await synthToy('production', { alarmAddress: 'ops@example.com' })
})

const all = (type: string, from = synthesised) =>
  Object.entries(resourcesOf(from.service)).filter(([, r]) => r.Type === type)

/** An alarm by its name, without the topic. */
function alarm(name: string): Properties {
  const found = all('AWS::CloudWatch::Alarm').filter(([, r]) => r.Properties['AlarmName'] === `demo-production-${name}`)
  assert.equal(found.length, 1, name)
  const { AlarmActions, OKActions, AlarmName, AlarmDescription, Tags, ...rest } = found[0]?.[1].Properties ?? {}
  assert.ok(String(AlarmDescription).length > 10)
  return rest
}

const once = { ComparisonOperator: 'GreaterThanOrEqualToThreshold', EvaluationPeriods: 1 }

describe('alarms that every deployment has', () => {
  test('each function that fails or is throttled', () => {
    const functions = all('AWS::Lambda::Function')
    assert.equal(functions.length, 7)
    for (const [id, { Properties }] of functions) {
      const name = String(Properties['FunctionName']).replace('demo-production-', '')
      const expected = { ...once, Namespace: 'AWS/Lambda', Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }] }
      for (const [kind, metric] of [
        ['errors', 'Errors'],
        ['throttles', 'Throttles'],
      ])
        assert.deepEqual(alarm(`${name}-${kind}`), {
          ...expected,
          MetricName: metric,
          Statistic: 'Sum',
          Period: 300,
          Threshold: 1,
          TreatMissingData: 'notBreaching',
        })
    }
  })

  test('each dead-letter queue that holds messages', () => {
    const queues = all('AWS::SQS::Queue').filter(([, r]) => r.Properties['RedrivePolicy'] === undefined)
    assert.equal(queues.length, 4)
    for (const [id, { Properties }] of queues) {
      const name = String(Properties['QueueName']).replace(/^demo-production-|-dead-letters$/g, '')
      assert.deepEqual(alarm(`${name}-dead_letters`), {
        ...once,
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
        Statistic: 'Maximum',
        Period: 300,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      })
    }
  })

  test('the API that answers with 5xx', () => {
    const [[id] = []] = all('AWS::ApiGatewayV2::Api')
    assert.deepEqual(alarm('api-server_errors'), {
      ...once,
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Dimensions: [{ Name: 'ApiId', Value: { Ref: id } }],
      Statistic: 'Sum',
      Period: 300,
      Threshold: 5,
      TreatMissingData: 'notBreaching',
    })
  })

  test('an event that becomes a dead letter', () => {
    assert.deepEqual(alarm('dead_letters_filed'), {
      ...once,
      Namespace: namespace,
      MetricName: 'mmf_dead_letters_total',
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    })
  })

  test('the outbox that is not drained, also when its sweeper does not run', () => {
    assert.deepEqual(alarm('outbox_not_drained'), {
      ...once,
      Namespace: namespace,
      MetricName: 'mmf_outbox_unpublished_total',
      Statistic: 'Sum',
      Period: 900,
      Threshold: 1,
      TreatMissingData: 'breaching',
    })
  })

  test('a scheduled operation that fails, until it succeeds', () => {
    assert.deepEqual(alarm('toy-toy_inspector-tidy_letters_fails'), {
      ...once,
      Namespace: namespace,
      MetricName: 'mmf_schedule_failures_total',
      Dimensions: [{ Name: 'operation', Value: 'toy_inspector.tidy_letters' }],
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      TreatMissingData: 'ignore',
    })
  })
})

test('an alarm that a plugin declares becomes one, over the metric with exactly its labels', () => {
  assert.deepEqual(alarm('toy-toy_inspector-letters_lost'), {
    ...once,
    Namespace: namespace,
    MetricName: 'toy_letters_lost_total',
    Dimensions: [{ Name: 'box', Value: 'blue' }],
    Statistic: 'Sum',
    Period: 600,
    Threshold: 3,
    TreatMissingData: 'breaching',
  })
})

test('functions write their metrics where the alarms look', () => {
  for (const [, { Properties }] of all('AWS::Lambda::Function')) {
    const { Variables } = Properties['Environment'] as { Variables: Properties }
    assert.equal(Variables['MMF_METRICS_NAMESPACE'], namespace)
  }
})

describe('the topic', () => {
  test('every alarm tells it that it rings, and that it is over', () => {
    const [[id] = []] = all('AWS::SNS::Topic')
    const alarms = all('AWS::CloudWatch::Alarm')
    assert.equal(alarms.length, 7 * 2 + 4 + 1 + 7 + 1 + 1)
    for (const [, { Properties }] of alarms) {
      assert.deepEqual(Properties['AlarmActions'], [{ Ref: id }])
      assert.deepEqual(Properties['OKActions'], [{ Ref: id }])
    }
    const outputs = Object.values(synthesised.service.toJSON()['Outputs'] as Record<string, { Value: unknown }>)
    assert.ok(outputs.some(({ Value }) => JSON.stringify(Value) === JSON.stringify({ Ref: id })))
  })

  test('is encrypted with a key that lets CloudWatch in; alarms of this account alone write to it', () => {
    const [[id, topic] = []] = all('AWS::SNS::Topic')
    assert.match(JSON.stringify(topic?.Properties['KmsMasterKeyId']), /DataKey/)
    const publishing = statementsOf(synthesised.service, synthesised.state).filter(
      s => s.effect === 'Allow' && s.actions.includes('sns:Publish'),
    )
    assert.deepEqual(
      publishing.map(s => [s.carrierType, s.resources, s.conditions]),
      [['AWS::SNS::TopicPolicy', [id], { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }]],
    )
    const key = statementsOf(synthesised.state).filter(s => /SourceAccount/.test(JSON.stringify(s.conditions)))
    assert.deepEqual(
      key.map(s => [s.carrier.replace(/[0-9A-F]{8}$/, ''), s.actions]),
      [['DataKey', ['kms:Decrypt', 'kms:GenerateDataKey']]],
    )
  })

  test('notifies the address that was given, and none without one', async () => {
    const subscriptions = (from: Synthesised) =>
      all('AWS::SNS::Subscription', from).map(([, r]) => [r.Properties['Protocol'], r.Properties['Endpoint']])
    assert.deepEqual(subscriptions(synthesised), [['email', 'ops@example.com']])
    const alarmAddress = 'https://pager.example.com/in?team=pki'
    assert.deepEqual(subscriptions(await synthToy('testing', { alarmAddress })), [['https', alarmAddress]])
    assert.deepEqual(subscriptions(await synthToy('testing')), [])
    for (const wrong of ['ops', 'http://pager.example.com', ''])
      await assert.rejects(synthToy('testing', { alarmAddress: wrong }), /is no address for alarms/)
  })
})

describe('what alarms look at is what the functions write', () => {
  /** The series of embedded metric lines: namespace, name, dimensions and the value. */
  function series(lines: readonly string[]) {
    return lines.flatMap(text => {
      const line = JSON.parse(text)
      return line._aws.CloudWatchMetrics.flatMap(
        (d: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }) =>
          d.Metrics.map(({ Name }) => ({
            namespace: d.Namespace,
            metricName: Name,
            labels: d.Dimensions.map(names => Object.fromEntries(names.map(name => [name, line[name]]))),
            value: line[Name],
          })),
      )
    })
  }
  const watched = ({ metricName, labels = {} }: Alarm, value: number) => ({
    namespace,
    metricName,
    labels: [labels],
    value,
  })

  test('pkd: stale lists, and schedules, whether they fail or not', async t => {
    const platform = await createTestPlatform({
      plugins: [marty],
      configs: {
        marty: {
          signing_algorithms: ['ECDSA-SHA256'],
          pkd_source_url: 'https://pkd.example/',
          master_list_source_url: 'https://lists.example/',
        },
      },
    })
    t.after(() => platform.close())
    const lines: string[] = []
    const metrics = createEmfMetrics({ namespace, sink: line => lines.push(line), clock: platform.clock })
    const handler = createFunctionHandler(
      { plugin: marty, services: ['pkd', 'trust_anchor', 'certificate_validation', 'audit'] },
      async () => ({
        ...platform,
        observability: { ...platform.observability, metrics, flush: () => metrics.flush() },
        authenticators: [],
        apiKeys: { settings: { grantable_roles: [], grantable_permissions: [], max_days: 1 } },
        idempotency: createIdempotency(platform),
        pluginSettings: {
          enabled: true,
          start_timeout_seconds: 30,
          stop_timeout_seconds: 10,
          health_timeout_seconds: 5,
          readiness_seconds: 60,
          degraded_is_ready: true,
        },
        maxBodyBytes: 1000,
        readinessMaxAgeMs: 0,
        storeCheck: () => assert.fail('nobody asks'),
      }),
    )
    const alarms = marty.services.flatMap(service => alarmsOf(marty, service))
    assert.deepEqual(alarms.map(({ name }) => name).sort(), [
      'poll_directory_fails',
      'poll_master_list_fails',
      'refresh_evidence_fails',
      'sequence_audit_log_fails',
      'stale_crls',
      'stale_fetched_crls',
      'watch_crls_fails',
      'watch_expiries_fails',
      'watch_expiries_fails',
    ])
    const run = (operation: string) => handler({ mmf: 'schedule', operation }, lambdaContext('r', 20_000))
    for (const operation of [
      'pkd.watch_crls',
      'pkd.watch_expiries',
      'trust_anchor.watch_expiries',
      'certificate_validation.refresh_evidence',
      'audit.sequence_audit_log',
    ])
      await run(operation)
    // The test platform lets nobody out.
    await assert.rejects(run('pkd.poll_directory'))
    await assert.rejects(run('trust_anchor.poll_master_list'))
    const written = series(lines)
    for (const alarm of alarms) {
      const value = alarm.name.startsWith('poll_') ? 1 : 0
      assert.ok(
        written.some(one => JSON.stringify(one) === JSON.stringify(watched(alarm, value))),
        `${alarm.metricName} ${JSON.stringify(written)}`,
      )
    }
  })

  test('the sweeper and the filing: events that could not be published, or delivered', async t => {
    const lines: string[] = []
    const write = process.stdout.write.bind(process.stdout)
    t.mock.method(process.stdout, 'write', (chunk: string | Uint8Array) => {
      if (typeof chunk !== 'string' || !chunk.startsWith('{"_aws"')) return write(chunk)
      lines.push(chunk)
      return true
    })
    const unreadable = { id: { S: 'row' }, queue: { S: 'pending-0' }, dueAt: { S: '2026-01-01T00:00:00.000Z' } }
    const sweep = await createOutboxSweeper({
      dynamodb: {
        client: { send: async () => ({ Items: [unreadable] }) } as unknown as dynamo.DynamoDBClient,
        commands: dynamo,
      },
      eventbridge: { client: {} as bus.EventBridgeClient, commands: bus },
      env: {
        MMF_EVENT_BUS: 'bus',
        MMF_TABLES: '{"outbox":"Outbox","event_deliveries":"Deliveries"}',
        MMF_METRICS_NAMESPACE: namespace,
      },
    })
    await sweep()
    const file = await createDeadLetterFiling({
      dynamodb: { client: { send: async () => ({}) } as unknown as dynamo.DynamoDBClient, commands: dynamo },
      env: {
        MMF_DEAD_LETTERS: '{"q":"pkd"}',
        MMF_TABLES: '{"event_deliveries":"Deliveries"}',
        MMF_METRICS_NAMESPACE: namespace,
      },
    })
    const event = { specversion: '1.0', id: 'e', type: 'toy.made.v1', source: '/toy', time: '2026-01-01T00:00:00.000Z' }
    const body = JSON.stringify({ 'detail-type': event.type, source: event.source, detail: event })
    await file({ Records: [{ messageId: 'm', body, eventSourceARN: 'arn:aws:sqs:eu-central-1:1:q' }] })
    const { logger, metrics, flush } = await createLambdaObservability({
      kind: 'lambda',
      service: 'any',
      environment: '',
      namespace,
      tracing: false,
      clock: { now: () => new Date() },
    })
    await oneByOne({ logger, metrics }, { loop: 'test', id: 'x' }, () => Promise.reject(new Error('broken')))
    const resilience = createResilience({
      clock: { now: () => new Date() },
      database: {} as never,
      observability: { logger, metrics },
    })
    const failing = (code: ErrorCode) => () => Promise.reject(new MmfError(code))
    const database = guardedDatabase({ get: failing('database_unavailable') } as never, resilience)
    const keys = guardedKeys({ sign: failing('key_service_unavailable') } as never, resilience)
    const calls = guardedTransport(failing('service_unavailable'), resilience)
    for (let n = 0; n < 10; n += 1) {
      await assert.rejects(database.get({} as never, {} as never))
      await assert.rejects(keys.sign('k', 'ECDSA-SHA256', {} as never))
      await assert.rejects(calls({} as never, { signal: t.signal }))
    }
    await flush()
    const written = series(lines)
    const values: Readonly<Record<string, number>> = {
      dead_letters_filed: 1,
      // One in each of the outbox's queues.
      rows_unreadable: 8,
      work_left_behind: 1,
      outbox_not_drained: 0,
      database_left_alone: 1,
      keys_left_alone: 1,
      calls_left_alone: 1,
    }
    for (const alarm of platformAlarms) {
      const value = values[alarm.name] ?? Number.NaN
      const found = written.some(one => JSON.stringify(one) === JSON.stringify(watched(alarm, value)))
      assert.ok(found, `${alarm.metricName} ${JSON.stringify(written)}`)
    }
  })
})
