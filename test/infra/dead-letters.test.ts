import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { synthToy } from './toy-deployment.ts'

test('what lies in the dead-letter queue of a service is filed, and can be replayed to it', async () => {
  const { service } = await synthToy('production')
  const one = (type: string, prefix: string) => {
    const found = Object.entries(resourcesOf(service)).filter(([id, r]) => r.Type === type && id.startsWith(prefix))
    assert.equal(found.length, 1, prefix)
    const [[id, resource] = ['']] = found
    const properties = resource?.Properties ?? {}
    const { Variables = {} } = (properties['Environment'] ?? {}) as { Variables?: Record<string, string> }
    const variable = (name: string) => JSON.parse(Variables[name] ?? 'null')
    return { id, properties, variable }
  }
  const queue = one('AWS::SQS::Queue', 'ToyReaderSubscriptions')
  const filing = one('AWS::Lambda::Function', 'DeadLetters')
  const platform = one('AWS::Lambda::Function', 'Platform')
  service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: { 'Fn::GetAtt': [queue.id, 'Arn'] },
    FunctionName: { Ref: filing.id },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BatchSize: 10,
    Enabled: Match.absent(),
  })
  assert.ok(Number(queue.properties['VisibilityTimeout']) >= 6 * Number(filing.properties['Timeout']))
  assert.deepEqual(filing.variable('MMF_DEAD_LETTERS'), {
    [String(queue.properties['QueueName'])]: 'toy_reader',
    'demo-production-toy-toy_inspector-dead-letters': 'toy_inspector',
    'demo-production-outbox-sweeper-dead-letters': 'outbox-sweeper',
  })
  assert.deepEqual(filing.variable('MMF_EVENT_ATTEMPTS'), { 'toy_reader:toy.letter_sent.v2': '2' })
  assert.deepEqual(platform.variable('MMF_SUBSCRIBERS'), { toy_reader: 'demo-production-toy-toy_reader' })
  const receiving = statementsOf(service).filter(s => s.actions.includes('sqs:DeleteMessage'))
  assert.deepEqual(
    receiving.map(s => [
      s.roles.join().replace(/[0-9A-F]{8}$/, ''),
      s.resources.map(resource => resource.replace(/[0-9A-F]{8}\.Arn$/, '')).sort(),
    ]),
    [
      ['ToyReaderFunctionRole', ['ToyReaderEventsToyLetterSentV2Queue']],
      [
        'DeadLettersFunctionRole',
        ['OutboxSweeperDeadLetters', 'ToyInspectorSubscriptionsDeadLetters', 'ToyReaderSubscriptionsDeadLetters'],
      ],
    ],
  )
})

test('every target of a rule and every asynchronous call has a dead-letter queue', async () => {
  const { service } = await synthToy('production')
  const all = Object.values(resourcesOf(service))
  const rules = all.filter(r => r.Type === 'AWS::Events::Rule')
  assert.equal(rules.length, 3)
  for (const { Properties } of rules) {
    for (const target of Properties['Targets'] as { DeadLetterConfig?: object }[]) assert.ok(target.DeadLetterConfig)
  }
  const retries = all
    .filter(r => r.Type === 'AWS::Lambda::EventInvokeConfig')
    .map(({ Properties }) => {
      assert.ok((Properties['DestinationConfig'] as { OnFailure?: object }).OnFailure)
      return Properties['MaximumRetryAttempts']
    })
  // The sweeper and the scheduled inspector are not repeated; what is replayed to the reader is.
  assert.deepEqual(retries.sort(), [0, 0, 2])
})
