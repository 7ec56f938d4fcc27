import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { type Synthesised, synthToy } from './toy-deployment.ts'

const config = `  post_box: "\${SECRET:post/box@AWSPREVIOUS#number}"
staging:
  post_office: "https://\${POST_USER:-\${SECRET:post/user}}:\${SECRET:post/box}@post.example"
`

const granted = ({ service, state }: Synthesised) =>
  statementsOf(service, state)
    .filter(s => s.actions.some(action => action.startsWith('secretsmanager:')))
    .map(s => [s.roles.join().replace(/FunctionRole[0-9A-F]{8}$/, ''), s.actions, s.resources])

function variables({ service }: Synthesised): Record<string, string | undefined> {
  const functions = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::Lambda::Function')
  return Object.fromEntries(
    functions.map(({ Properties }) => {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, string> }
      return [String(Properties['FunctionName']).split('-').at(-1), Variables['MMF_SECRETS_PREFIX']]
    }),
  )
}

test('functions read the secrets that their configuration refers to in this environment, and no others', async () => {
  const secret = (environment: string, name: string) =>
    `arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:demo/${environment}/${name}-??????`
  const production = await synthToy('production', { config })
  const services = ['Platform', 'ToyInspector', 'ToyReader', 'ToySender']
  assert.deepEqual(
    granted(production).sort(),
    services.map(role => [role, ['secretsmanager:GetSecretValue'], [secret('production', 'post/box')]]),
  )
  const staging = await synthToy('staging', { config })
  assert.deepEqual(
    granted(staging).map(([, , resources]) => resources),
    services.map(() => [secret('staging', 'post/box'), secret('staging', 'post/user')]),
  )
  const prefix = 'demo/production/'
  assert.deepEqual(variables(production), {
    letters: undefined,
    platform: prefix,
    relay: undefined,
    sweeper: undefined,
    toy_inspector: prefix,
    toy_reader: prefix,
    toy_sender: prefix,
  })
  assert.deepEqual(production.assets, [
    'dead-letters.mjs',
    'nodejs,nodejs/layer.mjs',
    'on-demand,on-demand/secrets-manager.mjs,platform.mjs',
    'on-demand,on-demand/secrets-manager.mjs,toy-inspector.mjs',
    'on-demand,on-demand/secrets-manager.mjs,toy-reader.mjs',
    'on-demand,on-demand/secrets-manager.mjs,toy-sender.mjs',
    'outbox-relay.mjs',
    'outbox-sweeper.mjs',
  ])
})

test('without a reference there is no grant, no prefix and no client', async () => {
  const plain = await synthToy('production')
  assert.deepEqual(granted(plain), [])
  assert.deepEqual(new Set(Object.values(variables(plain))), new Set([undefined]))
  assert.ok(plain.assets.every(files => !files.includes('secrets-manager')))
})

test('a secret in a setting that is none is refused before anything is deployed', async () => {
  const wrong = `staging:\n  signing_algorithms: ["\${SECRET:algorithm}"]\n`
  await assert.rejects(synthToy('staging', { config: wrong }), /signing_algorithms/)
})
