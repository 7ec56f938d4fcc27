import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMmfError } from '@mmf/framework'
import { issuer, synthToy } from './toy-deployment.ts'

type Properties = Readonly<Record<string, unknown>> & {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> }
}

const configured = (resources: unknown) => ({ ...issuer, MMF__plugins__resources: JSON.stringify(resources) })

describe('resources of functions', () => {
  test('the manifest of the plugin, then of the service, then the configuration of plugin and service', async () => {
    const { service } = await synthToy('testing', {
      manifests: {
        toy: {
          resources: { memory_mb: 256, reserved_concurrency: 5, log_level: 'warn' },
          services: { toy_reader: { memory_mb: 1_024, timeout_seconds: 30 } },
        },
      },
      variables: configured({ toy: { log_level: 'error', services: { toy_inspector: { memory_mb: 2_048 } } } }),
    })
    const functions = Object.values(service.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties as Properties,
    )
    const given = (name: string) => {
      const found = functions.find(one => one['FunctionName'] === name) ?? assert.fail(`no function ${name}`)
      const { MemorySize, Timeout, ReservedConcurrentExecutions, Environment } = found
      return [MemorySize, Timeout, ReservedConcurrentExecutions, Environment.Variables['MMF_LOG_LEVEL']]
    }
    assert.deepEqual(given('demo-testing-toy-toy_sender'), [256, 28, 5, 'error'])
    assert.deepEqual(given('demo-testing-toy-toy_reader'), [1_024, 30, 5, 'error'])
    assert.deepEqual(given('demo-testing-toy-toy_inspector'), [2_048, 28, 5, 'error'])
    assert.deepEqual(given('demo-testing-platform'), [512, 28, undefined, undefined])
    // SQS keeps a message back for six times the time of the function, as AWS recommends for queues of functions.
    const queues = Object.values(service.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => (Properties as Properties)['VisibilityTimeout'],
    )
    assert.ok(queues.includes(180), JSON.stringify(queues))
  })

  test('are refused where the gateway or Lambda allow less, with field, value and what is allowed', async () => {
    const slow = { toy: { services: { toy_sender: { timeout_seconds: 31 } } } }
    await assert.rejects(
      synthToy('testing', { variables: configured(slow) }),
      /timeout_seconds of toy\.toy_sender is 31; a service with routes may take 30 at most/,
    )
    await assert.rejects(
      synthToy('testing', { variables: configured({ toy: { memory_mb: 10_241 } }) }),
      error => isMmfError(error, 'config_invalid') && /plugins\.resources\.toy\.memory_mb.*10240/.test(error.message),
    )
  })

  test('are refused for a plugin or a service that is not there', async () => {
    await assert.rejects(
      synthToy('testing', { variables: configured({ toys: {} }) }),
      /plugins\.resources\.toys: there is toy/,
    )
    await assert.rejects(
      synthToy('testing', { variables: configured({ toy: { services: { sender: {} } } }) }),
      /plugins\.resources\.toy\.services\.sender: there is toy_sender, toy_reader, toy_inspector/,
    )
  })
})
