import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { issuer, type Synthesised, synthToy } from './toy-deployment.ts'

const layerArn = 'arn:aws:lambda:eu-central-1:123456789012:layer:AWS-AppConfig-Extension-Arm64:100'
const variables = {
  ...issuer,
  MMF__configuration__appconfig: JSON.stringify({
    application: 'abc1234',
    environment: 'xyz9876',
    profiles: ['base', 'toy'],
    extension_layer: layerArn,
  }),
}

/** The functions that have the agent, and those that may read configurations. */
const readers = ({ service, state }: Synthesised) => ({
  agents: Object.values(resourcesOf(service))
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::Function' && JSON.stringify(Properties['Layers']).includes(layerArn),
    )
    .map(({ Properties }) => String(Properties['FunctionName']).split('-').at(-1))
    .sort(),
  granted: statementsOf(service, state).filter(({ actions }) =>
    actions.some(action => action.startsWith('appconfig:')),
  ),
})

test('functions that read configuration have the agent and may read that of their environment, and no others', async () => {
  const { agents, granted } = readers(await synthToy('production', { variables }))
  assert.deepEqual(agents, ['platform', 'toy_inspector', 'toy_reader', 'toy_sender'])
  assert.equal(granted.length, 4)
  for (const { actions, resources } of granted) {
    assert.deepEqual(actions, ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'])
    assert.deepEqual(resources, [
      'arn:AWS::Partition:appconfig:AWS::Region:AWS::AccountId:application/abc1234/environment/xyz9876/configuration/*',
    ])
  }
})

test('without the setting there is neither', async () => {
  assert.deepEqual(readers(await synthToy('production')), { agents: [], granted: [] })
})
