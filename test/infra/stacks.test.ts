import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { type Environment, environments } from '@mmf/framework'
import { Match } from 'aws-cdk-lib/assertions'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { type Synthesised, synthToy } from './toy-deployment.ts'

const stacks = new Map<Environment, Synthesised>()

function of(environment: Environment): Synthesised {
  const found = stacks.get(environment)
  assert.ok(found, `${environment} was synthesised`)
  return found
}

before(async () => {
  for (const environment of environments) stacks.set(environment, await synthToy(environment))
})

/** The one resource of a type whose logical id begins so. */
function resource(synthesised: Synthesised, stack: 'state' | 'service', type: string, prefix: string) {
  const found = Object.entries(resourcesOf(synthesised[stack])).filter(
    ([id, r]) => r.Type === type && id.startsWith(prefix),
  )
  assert.equal(found.length, 1, `one ${type} ${prefix}…, found ${found.map(([id]) => id)}`)
  const [id, entry] = found[0] ?? assert.fail(type)
  return { id, ...entry }
}

describe('a toy plugin synthesises a working stack with no change in infra/', () => {
  for (const environment of environments) {
    describe(environment, () => {
      test('tables have the keys, indexes and expiry that they declare', () => {
        const { state } = of(environment)
        state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
          KeySchema: [
            { AttributeName: 'box', KeyType: 'HASH' },
            { AttributeName: 'sequence', KeyType: 'RANGE' },
          ],
          AttributeDefinitions: Match.arrayWith([
            { AttributeName: 'box', AttributeType: 'S' },
            { AttributeName: 'sequence', AttributeType: 'N' },
            { AttributeName: 'digest', AttributeType: 'B' },
          ]),
          GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'by_digest', Projection: { ProjectionType: 'ALL' } })],
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
          BillingMode: 'PAY_PER_REQUEST',
        })
      })

      test('every table is encrypted with our key, restorable, and kept where it must be', () => {
        const { state } = of(environment)
        const retain = environment === 'production'
        const tables = Object.values(resourcesOf(state)).filter(r => r.Type === 'AWS::DynamoDB::GlobalTable')
        assert.equal(tables.length, 11)
        const dataKey = resource(of(environment), 'state', 'AWS::KMS::Key', 'DataKey')
        for (const { Properties, DeletionPolicy } of tables) {
          assert.deepEqual(Properties['SSESpecification'], { SSEEnabled: true, SSEType: 'KMS' })
          const [replica] = Properties['Replicas'] as Record<string, unknown>[]
          assert.deepEqual(replica?.['SSESpecification'], { KMSMasterKeyId: { 'Fn::GetAtt': [dataKey.id, 'Arn'] } })
          assert.deepEqual(replica?.['PointInTimeRecoverySpecification'], { PointInTimeRecoveryEnabled: true })
          assert.equal(replica?.['DeletionProtectionEnabled'], retain)
          assert.equal(DeletionPolicy, retain ? 'Retain' : 'Delete')
        }
      })

      test('signing keys: one per key spec that the configuration allows, kept whatever it says later', () => {
        const { state } = of(environment)
        const specs = Object.values(resourcesOf(state))
          .filter(r => r.Type === 'AWS::KMS::Key' && r.Properties['KeyUsage'] === 'SIGN_VERIFY')
          .map(r => [r.Properties['KeySpec'], r.DeletionPolicy])
        const expected = {
          default: [
            ['ECC_NIST_P256', 'Retain'],
            ['ML_DSA_65', 'Retain'],
          ],
          production: [['RSA_3072', 'Retain']],
        }
        assert.deepEqual(specs.sort(), environment === 'production' ? expected.production : expected.default)
      })

      test('each service has its own function, role and log group with an end', () => {
        const { service } = of(environment)
        const functions = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::Lambda::Function')
        const names = functions.map(f => f.Properties['FunctionName'])
        const services = ['toy-toy_inspector', 'toy-toy_reader', 'toy-toy_sender']
        const expected = ['dead-letters', 'outbox-relay', 'outbox-sweeper', 'platform', ...services]
        const wanted = expected.map(name => `demo-${environment}-${name}`)
        assert.deepEqual(names.sort(), wanted)
        assert.equal(new Set(functions.map(f => JSON.stringify(f.Properties['Role']))).size, functions.length)
        for (const { Properties } of functions) {
          assert.deepEqual(Properties['Architectures'], ['arm64'])
          assert.equal(Properties['Runtime'], 'nodejs24.x')
          assert.equal(Properties['Timeout'], 28)
          assert.ok(Number(Properties['MemorySize']) >= 512)
          assert.ok(Properties['LoggingConfig'])
          const { Variables } = Properties['Environment'] as { Variables: Record<string, string> }
          assert.equal(Variables['MMF_ENVIRONMENT'], environment)
        }
        const groups = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::Logs::LogGroup')
        assert.equal(groups.length, functions.length + 1)
        assert.ok(groups.every(group => Number(group.Properties['RetentionInDays']) > 0))
      })

      test('routes are those that the operations declare, the platform answers the rest, and none has an authorizer of its own', () => {
        const { service } = of(environment)
        const routes = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::ApiGatewayV2::Route')
        const read = [
          '/health',
          '/health/{service}',
          '/openapi.json',
          '/platform/api-keys',
          '/platform/api-keys/{keyId}',
          '/platform/dead-letters',
          '/platform/events',
          '/plugins/{plugin}/health',
          '/ready',
          '/v1/letters/{box}',
        ]
        assert.deepEqual(routes.map(r => r.Properties['RouteKey']).sort(), [
          '$default',
          'DELETE /platform/api-keys/{keyId}',
          ...read.map(path => `GET ${path}`),
          ...read.map(path => `HEAD ${path}`),
          'POST /platform/api-keys',
          'POST /platform/api-keys/{keyId}/rotate',
          'POST /platform/dead-letters/discard',
          'POST /platform/dead-letters/replay',
          'POST /v1/letters',
        ])
        for (const route of routes) assert.equal(route.Properties['AuthorizationType'], 'NONE')
        service.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0)
        service.allResourcesProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' })
        service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
          AccessLogSettings: Match.objectLike({ DestinationArn: Match.anyValue() }),
          DefaultRouteSettings: { ThrottlingRateLimit: Match.anyValue(), ThrottlingBurstLimit: Match.anyValue() },
        })
      })

      test('a scheduled operation is run by its function, at the rate that it declares', () => {
        const { id } = resource(of(environment), 'service', 'AWS::Lambda::Function', 'ToyInspector')
        const rules = Object.values(resourcesOf(of(environment).service)).filter(
          r => r.Type === 'AWS::Events::Rule' && r.Properties['ScheduleExpression'] === 'rate(90 minutes)',
        )
        assert.deepEqual(
          rules.map(r =>
            (r.Properties['Targets'] as { Arn: unknown; Input: string }[]).map(t => [t.Arn, JSON.parse(t.Input)]),
          ),
          [[[{ 'Fn::GetAtt': [id, 'Arn'] }, { mmf: 'schedule', operation: 'toy_inspector.tidy_letters' }]]],
        )
      })

      test('each minute the sweeper publishes what a stalled stream left', () => {
        const { service } = of(environment)
        const sweeper = resource(of(environment), 'service', 'AWS::Lambda::Function', 'OutboxSweeper')
        service.hasResourceProperties('AWS::Events::Rule', {
          ScheduleExpression: 'rate(1 minute)',
          Targets: [{ Arn: { 'Fn::GetAtt': [sweeper.id, 'Arn'] } }],
        })
        const publishing = statementsOf(service)
          .filter(s => s.actions.includes('events:PutEvents'))
          .map(s => [...s.roles, ...s.resources].join(' ').replace(/[0-9A-F]{8}/g, ''))
        assert.deepEqual(publishing.sort(), ['OutboxRelayFunctionRole Bus.Arn', 'OutboxSweeperFunctionRole Bus.Arn'])
        const { Variables } = sweeper.Properties['Environment'] as { Variables: Record<string, unknown> }
        assert.ok(Variables['MMF_EVENT_BUS'])
      })

      test('committed events leave through the relay; what fails ends in a queue', () => {
        const { service } = of(environment)
        service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BisectBatchOnFunctionError: true,
          DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
        })
        const queue = resource(of(environment), 'service', 'AWS::SQS::Queue', 'ToyReaderEventsToyLetterSent')
        const reader = resource(of(environment), 'service', 'AWS::Lambda::Function', 'ToyReader')
        const letters = resource(of(environment), 'service', 'AWS::SQS::Queue', 'ToyReaderSubscriptionsDeadLetters')
        const deadLetters = { 'Fn::GetAtt': [letters.id, 'Arn'] }
        service.hasResourceProperties('AWS::Events::Rule', {
          EventPattern: { 'detail-type': ['toy.letter_sent.v2'] },
          Targets: [
            Match.objectLike({ Arn: { 'Fn::GetAtt': [queue.id, 'Arn'] }, DeadLetterConfig: { Arn: deadLetters } }),
          ],
        })
        service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
          EventSourceArn: { 'Fn::GetAtt': [queue.id, 'Arn'] },
          FunctionName: { Ref: reader.id },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        })
        // As the handler declares: two deliveries. A message comes back when no call can still be at it.
        assert.deepEqual(queue.Properties['RedrivePolicy'], { deadLetterTargetArn: deadLetters, maxReceiveCount: 2 })
        assert.equal(queue.Properties['VisibilityTimeout'], 6 * Number(reader.Properties['Timeout']))
        assert.ok(
          Number(queue.Properties['MessageRetentionPeriod']) < Number(letters.Properties['MessageRetentionPeriod']),
        )
      })
    })
  }
})

describe('IAM', () => {
  /** Wildcards with a reason. In a key policy the resource `*` is the key itself. */
  const documented = [
    { action: 'xray:PutTelemetryRecords', why: 'the action knows no resource' },
    { action: 'xray:PutTraceSegments', why: 'the action knows no resource' },
    { action: 'dynamodb:ListStreams', why: 'the action knows no resource' },
  ]

  for (const environment of environments) {
    test(`${environment}: no action is a pattern and no resource is, but the documented ones`, () => {
      const { state, service } = of(environment)
      const statements = statementsOf(state, service)
      assert.ok(statements.length > 20)
      for (const { carrier, carrierType, effect, actions, resources } of statements) {
        if (effect === 'Deny') continue
        for (const action of actions) assert.doesNotMatch(action, /\*/, `${carrier} allows ${action}`)
        if (carrierType === 'AWS::KMS::Key') {
          assert.deepEqual(resources, ['*'])
          continue
        }
        // The objects of one plugin, which have no other names.
        const free = resources.filter(r => r.includes('*') && !/^ToyBlobs[0-9A-F]{8}\.Arn\/toy\/\*$/.test(r))
        const unexplained = actions.filter(action => !documented.some(d => d.action === action))
        if (carrierType !== 'AWS::IAM::Role' && free.length > 0) {
          assert.deepEqual(unexplained, [], `${carrier} allows ${actions} on ${free}`)
        }
      }
    })

    test(`${environment}: the signer alone may sign, with exactly its keys`, () => {
      const { state, service } = of(environment)
      const keys = Object.entries(resourcesOf(state)).filter(([, r]) => r.Properties['KeyUsage'] === 'SIGN_VERIFY')
      const signing = statementsOf(state, service).filter(s => s.actions.includes('kms:Sign'))
      const [grant, ...others] = signing.filter(s => s.carrierType === 'AWS::IAM::Policy')
      assert.deepEqual(others, [])
      assert.match(grant?.roles.join() ?? '', /^ToySenderFunctionRole[0-9A-F]{8}$/)
      assert.deepEqual([...(grant?.resources ?? [])].sort(), keys.map(([id]) => `${id}.Arn`).sort())
      const inKeyPolicies = signing.filter(s => s.carrierType === 'AWS::KMS::Key')
      assert.deepEqual(inKeyPolicies.map(s => s.carrier).sort(), keys.map(([id]) => id).sort())
      for (const { conditions, actions } of inKeyPolicies) {
        assert.deepEqual(actions, ['kms:Sign'])
        assert.match(
          JSON.stringify(conditions),
          new RegExp(`"aws:PrincipalArn":.*:role/demo-${environment}-toy-toy_sender-",\\{"Ref":"AWS::Region"\\}`),
        )
      }
    })
  }

  test('table actions are exactly read, or read and write, on the declared tables and their indexes', () => {
    const { state, service } = of('production')
    const reading = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']
    const writing = ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']
    const granted = (role: string) => {
      const pairs = statementsOf(service, state)
        .filter(s => s.roles.some(r => r.startsWith(role)))
        .flatMap(s => s.actions.filter(a => a.startsWith('dynamodb:')).flatMap(a => s.resources.map(r => ({ a, r }))))
      const readable = pairs.map(({ r, a }) => [r.replace(/[0-9A-F]{8}\.Arn/, ''), a] as const)
      return Object.fromEntries(
        [...Map.groupBy(readable, ([r]) => r)].map(([r, list]) => [r, list.map(([, a]) => a).sort()]),
      )
    }
    const both = [...reading, ...writing].sort()
    // Production limits its callers.
    const byKey = { ApiKeysTable: reading, ApiKeyUsesTable: both, CacheTable: both, RateLimitsTable: both }
    assert.deepEqual(granted('ToyReader'), {
      ...byKey,
      ToyLettersTable: reading,
      'ToyLettersTable/index/by_digest': reading,
      KeyCatalogueTable: reading,
    })
    assert.deepEqual(granted('ToySender'), {
      ...byKey,
      ToyLettersTable: both,
      'ToyLettersTable/index/by_digest': reading,
      KeyCatalogueTable: both,
      OutboxTable: both,
      'OutboxTable/index/pending': reading,
      AuditLogWaitingTable: both,
      IdempotencyTable: both,
    })
    assert.deepEqual(granted('DeadLettersFunction'), {
      EventDeliveriesTable: both,
      'EventDeliveriesTable/index/due': reading,
    })
    // Dead letters of the outbox go back into it.
    // Readiness writes a row of the cache's and reads it.
    const written =
      /^(ApiKeyHolders|ApiKeys|ApiKeyUses|AuditLogWaiting|Cache|EventDeliveries|Idempotency|Outbox|RateLimits)Table$/
    for (const [table, actions] of Object.entries(granted('PlatformFunction'))) {
      assert.deepEqual(actions, written.test(table) ? both : reading, table)
    }
    for (const role of ['OutboxSweeper', 'OutboxRelay']) {
      const { EventDeliveriesTable, OutboxTable, ...indexes } = granted(role)
      assert.deepEqual([EventDeliveriesTable, OutboxTable], [both, both])
      assert.ok(Object.values(indexes).every(actions => !actions.some(action => writing.includes(action))))
    }
  })

  test('a call that the own role does not cover goes to the callee alone', () => {
    const { state, service } = of('production')
    const invoking = statementsOf(service, state).filter(s => s.actions.includes('lambda:InvokeFunction'))
    assert.deepEqual(
      invoking.map(s => s.roles.map(role => role.replace(/[0-9A-F]{8}$/, ''))),
      [['PlatformFunctionRole'], ['ToyReaderFunctionRole']],
    )
    // It asks each function how its service is, and replays dead letters to the subscriber.
    assert.deepEqual(
      invoking[0]?.resources.map(arn => arn.split(':').at(-1)),
      ['toy_inspector', 'toy_reader', 'toy_sender'].map(name => `demo-production-toy-${name}`),
    )
    assert.match(invoking[1]?.resources.join() ?? '', /:function:demo-production-toy-toy_sender$/)
    const variables = (prefix: string) =>
      (
        resource(of('production'), 'service', 'AWS::Lambda::Function', prefix).Properties['Environment'] as {
          Variables: object
        }
      ).Variables
    assert.deepEqual(JSON.parse((variables('ToyReader') as { MMF_FUNCTIONS: string }).MMF_FUNCTIONS), {
      'toy.toy_sender': 'demo-production-toy-toy_sender',
    })
    assert.equal((variables('ToyInspector') as { MMF_FUNCTIONS: string }).MMF_FUNCTIONS, '{}')
  })

  test('blobs: a private bucket per plugin, read by those who declare it, below the prefix of the plugin', () => {
    const { state, service } = of('production')
    const bucket = resource(of('production'), 'state', 'AWS::S3::Bucket', 'ToyBlobs')
    assert.equal(bucket.DeletionPolicy, 'Retain')
    assert.deepEqual(Object.values(bucket.Properties['PublicAccessBlockConfiguration'] as object), [
      true,
      true,
      true,
      true,
    ])
    const granted = statementsOf(service, state)
      .filter(s => s.actions.some(action => action.startsWith('s3:')) && s.effect === 'Allow')
      .map(s => [
        s.roles.join().replace(/[0-9A-F]{8}$/, ''),
        s.actions.join(),
        s.resources.join().replace(bucket.id, 'bucket'),
      ])
    assert.deepEqual(granted, [
      ['ToyInspectorFunctionRole', 's3:ListBucket', 'bucket.Arn'],
      ['ToyInspectorFunctionRole', 's3:GetObject', 'bucket.Arn/toy/*'],
    ])
    const { Variables } = resource(of('production'), 'service', 'AWS::Lambda::Function', 'ToyInspector').Properties[
      'Environment'
    ] as {
      Variables: object
    }
    assert.ok('MMF_BLOBS' in Variables)
  })

  test('administrators of a signing key cannot use it, and the tables key works through DynamoDB, and for alarms of this account, only', () => {
    const { state } = of('production')
    const use =
      /^kms:(Sign|Verify|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|DeriveSharedSecret|CreateGrant)/
    const keyPolicies = statementsOf(state).filter(s => s.carrierType === 'AWS::KMS::Key')
    assert.ok(keyPolicies.length >= 4)
    for (const { actions, conditions } of keyPolicies.filter(s => s.actions.some(a => use.test(a)))) {
      assert.ok(
        actions.every(a => use.test(a) || a === 'kms:DescribeKey'),
        `use and administration are mixed: ${actions}`,
      )
      assert.match(
        JSON.stringify(conditions),
        /kms:ViaService|aws:PrincipalArn|^\{"StringEquals":\{"aws:SourceAccount"/,
      )
    }
  })
})

describe('assets', () => {
  test('a function holds its own file and what it reads on demand, the layer no source maps', () => {
    assert.deepEqual(of('development').assets, [
      'dead-letters.mjs',
      'nodejs,nodejs/layer.mjs',
      'on-demand,platform.mjs',
      'outbox-relay.mjs',
      'outbox-sweeper.mjs',
      'toy-inspector.mjs',
      'toy-reader.mjs',
      'toy-sender.mjs',
    ])
  })

  test('logical ids of what must never be replaced stay as they are', () => {
    const ids = Object.entries(resourcesOf(of('production').state))
      .filter(([, r]) => /::(Key|GlobalTable|Bucket)$/.test(r.Type))
      .map(([id]) => id)
    const before = readFileSync(new URL('toy-state-ids.txt', import.meta.url), 'utf8')
    assert.deepEqual(ids.sort(), before.trimEnd().split('\n'))
  })
})
