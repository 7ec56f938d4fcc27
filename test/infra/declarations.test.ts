import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  definePlugin,
  defineService,
  type PluginDefinition,
  pluginConfig,
  publicAccess,
  reads,
  serviceScope,
} from '@mmf/framework'
import type { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'
import { resourcesOf } from './policy-walk.ts'
import { issuer, type Synthesised, type SynthOptions, synthToy, toyHandlers } from './toy-deployment.ts'
import { toy } from './toy-plugin.ts'

const declared: PluginDefinition = toy
const only = (...names: readonly string[]) => [
  { ...declared, services: toy.services.filter(service => names.includes(service.name)) },
]
const settings = (more: object) => ({ ...issuer, ...more })

/** What a change can take away from a deployment. */
const without: Readonly<Record<string, SynthOptions>> = {
  'an algorithm': { variables: settings({ MMF__plugins__toy__signing_algorithms: '["ECDSA-SHA256"]' }) },
  'the keys, the events and their subscriber': { plugins: only('toy_inspector') },
  'the blobs and the schedule': { plugins: only('toy_sender', 'toy_reader') },
  'a plugin with its tables, by its declaration': { plugins: [] },
  'a plugin with its tables, by its configuration': { variables: settings({ MMF__plugins__toy__enabled: 'false' }) },
}

type Json = Readonly<Record<string, unknown>>

const section = (template: Template, name: string): Json => template.toJSON()[name] ?? {}

/** Every name below `Ref` in a template. */
function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Ref' && typeof inner === 'string' ? [inner] : references(inner),
  )
}

/** Nothing is exported, and whatever the service stack takes is handed to it by the state stack of the same deployment. */
function checkClosed({ root, state, service }: Synthesised): void {
  const texts = [root, state, service].map(template => JSON.stringify(template.toJSON()))
  for (const text of texts) assert.doesNotMatch(text, /Fn::ImportValue|"Export"/)
  const nested = Object.entries(resourcesOf(root)).filter(([, r]) => r.Type === 'AWS::CloudFormation::Stack')
  assert.equal(nested.length, 2)
  const taken = nested.flatMap(([, r]) => Object.entries((r.Properties['Parameters'] ?? {}) as Json))
  const given = Object.keys(section(state, 'Outputs'))
  for (const [, value] of taken) {
    const [owner, output] = (value as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt']
    assert.match(owner, /^StateNestedStack/)
    assert.ok(given.includes(output.replace(/^Outputs\./, '')), `${output} is given`)
  }
  const parameters = Object.keys(section(service, 'Parameters'))
  assert.deepEqual(
    taken.map(([name]) => name).sort(),
    [...parameters].sort(),
    'each parameter has a value, and each value a parameter',
  )
  assert.ok(parameters.length <= 200, 'CloudFormation takes no more')
  const known = new Set([...parameters, ...Object.keys(section(service, 'Resources'))])
  const unknown = references(service.toJSON()).filter(name => !known.has(name) && !name.startsWith('AWS::'))
  assert.deepEqual(unknown, [])
}

const stateful = ({ state }: Synthesised) =>
  Object.entries(resourcesOf(state))
    .filter(([, r]) => /::(Key|GlobalTable|Bucket)$/.test(r.Type))
    .map(([id]) => id)

test('whatever is taken away from a deployment and brought back, nothing holds it, and what stays keeps its place', async () => {
  const variables = settings({ MMF__plugins__toy__signing_algorithms: '["ECDSA-SHA256","RSA-SHA256"]' })
  const whole = await synthToy('production', { variables })
  checkClosed(whole)
  const all = stateful(whole)
  for (const [what, options] of Object.entries(without)) {
    const less = await synthToy('production', { variables, ...options })
    checkClosed(less)
    assert.deepEqual(
      stateful(less).filter(id => !all.includes(id)),
      [],
      `without ${what}`,
    )
  }
  const back = await synthToy('production', { variables })
  assert.deepEqual(back.state.toJSON(), whole.state.toJSON())
})

test('a signing key outlives every change, in every environment', async () => {
  for (const environment of ['development', 'production'] as const) {
    const { state } = await synthToy(environment)
    const keys = Object.values(resourcesOf(state)).filter(r => r.Properties['KeyUsage'] === 'SIGN_VERIFY')
    assert.ok(keys.length > 0)
    for (const key of keys) assert.equal(key.DeletionPolicy, 'Retain')
  }
})

test('two regions of one account: every role has the region in its name, and room for it', async () => {
  const { service } = await synthToy('production')
  const roles = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::IAM::Role')
  assert.ok(roles.length > 0)
  for (const { Properties } of roles) {
    const [, [name = '', region]] = (Properties['RoleName'] as { 'Fn::Join': [string, [string, object]] })['Fn::Join']
    assert.deepEqual(region, { Ref: 'AWS::Region' })
    assert.ok(`${name}ap-southeast-1`.length <= 64, name)
  }
})

test('in production logs outlive their stack, under names that no other can have taken', async () => {
  for (const [environment, policy] of [
    ['development', 'Delete'],
    ['production', 'Retain'],
  ] as const) {
    const { service } = await synthToy(environment)
    const groups = Object.values(resourcesOf(service)).filter(r => r.Type === 'AWS::Logs::LogGroup')
    assert.ok(groups.length > 0)
    for (const { Properties, DeletionPolicy } of groups) {
      assert.equal(DeletionPolicy, policy)
      assert.equal('LogGroupName' in Properties, policy === 'Delete')
    }
  }
})

test('one stack per environment, so that `cdk deploy` needs no name; in production its state stays when it is deleted', async () => {
  for (const [environment, policy] of [
    ['development', 'Delete'],
    ['production', 'Retain'],
  ] as const) {
    const { root } = await synthToy(environment)
    const policies = Object.entries(resourcesOf(root)).map(([id, r]) => [id.slice(0, 5), r.DeletionPolicy])
    assert.deepEqual(policies, [
      ['State', policy],
      ['Servi', 'Delete'],
    ])
  }
})

test('a table that one plugin exports is one table, which the functions of both may use as they declare', async () => {
  const [letters] = toy.services
    .flatMap(service => Object.values(service.operations))
    .flatMap(o => o.scope.tables ?? [])
  assert.ok(letters)
  const operation = serviceScope()('guest_reader', { tables: [reads(letters.table)] })
  const look = operation({
    name: 'look',
    input: z.strictObject({}),
    output: z.strictObject({}),
    concerns: [publicAccess()],
    run: async () => ({}),
  })
  const guest = definePlugin({
    name: 'guest',
    title: 'Guest',
    version: '1.0.0',
    description: 'Reads letters of another plugin',
    metricPrefix: 'guest',
    config: pluginConfig({}),
    services: [defineService({ name: 'guest_reader', description: 'Reads letters', operations: { look } })],
  })
  const exporting = { ...declared, exports: { tables: [reads(letters.table)] } }
  const handlers = [...toyHandlers, 'guest-reader']
  const alone = await synthToy('production', { plugins: [exporting] })
  const both = await synthToy('production', { plugins: [exporting, guest], handlers })
  const tablesOf = ({ state }: Synthesised) => Object.keys(state.findResources('AWS::DynamoDB::GlobalTable')).sort()
  assert.deepEqual(tablesOf(both), tablesOf(alone))
  const functions = both.service.findResources('AWS::Lambda::Function', {
    Properties: { Handler: 'guest-reader.handler' },
  })
  const [reader] = Object.values(functions)
  assert.ok(JSON.stringify(reader?.['Properties'].Environment.Variables.MMF_TABLES).includes('toy_letters'))
})
