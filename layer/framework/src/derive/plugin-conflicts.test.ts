import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { pluginConfig } from '../config/plugin-config.ts'
import { defineRole } from '../contract/access.ts'
import { publicAccess } from '../contract/concerns/requires-auth.ts'
import { definePlugin, type PluginDefinition } from '../contract/define-plugin.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import { calls, reads, type Scope, writes } from '../contract/scope.ts'
import { defineService } from '../contract/service.ts'
import { table } from '../database/table.ts'
import { type Neighbour, pluginConflicts } from './plugin-conflicts.ts'

const none = z.strictObject({})
const things = () => table({ name: 'things', row: z.strictObject({ id: z.string() }), partition: 'id' })
const shared = things()

function operationOf(name: string, scope: Scope) {
  const operation = serviceScope()(`${name}_service`, scope)
  const http = { method: 'GET', path: `/v1/${name}/{id}` } as const
  return operation({ name: 'look', input: none, output: none, http, concerns: [publicAccess()], run: async () => ({}) })
}

function neighbour(
  name: string,
  scope: Scope = {},
  more: Partial<PluginDefinition> & { needs?: string[] } = {},
): Neighbour {
  const { needs = [], ...definition } = more
  const service = defineService({
    name: `${name}_service`,
    description: name,
    operations: { look: operationOf(name, scope) },
  })
  const facts = { name, title: name, version: '1.0.0', description: name, metricPrefix: name, config: pluginConfig({}) }
  return { definition: definePlugin({ ...facts, services: [service], ...definition }), dependencies: needs }
}

const owner = neighbour('owner', { tables: [writes(shared)] }, { exports: { tables: [reads(shared)] } })
const found = (...plugins: Neighbour[]) =>
  [...pluginConflicts(plugins)].map(([name, { code, errors }]) => [name, code, errors.map(({ path }) => path)])

test('plugins that have nothing in common fit', () => {
  assert.deepEqual(found(neighbour('one'), neighbour('two')), [])
})

test('an exported table is shared by all that depend on its owner, to the extent that it is exported', () => {
  const reader = (name: string) => neighbour(name, { tables: [reads(shared)] }, { needs: ['owner'] })
  assert.deepEqual(found(owner, reader('first'), reader('second')), [])
  const writer = neighbour('writer', { tables: [writes(shared)] }, { needs: ['owner'] })
  assert.deepEqual(found(owner, writer), [['writer', 'plugin_conflict', ['table "things"']]])
  const stranger = neighbour('stranger', { tables: [reads(shared)] })
  assert.deepEqual(found(owner, stranger), [['stranger', 'plugin_conflict', ['table "things"']]])
})

test('another definition of the same name is not the exported table', () => {
  const twin = neighbour('twin', { tables: [reads(things())] }, { needs: ['owner'] })
  assert.deepEqual(found(owner, twin), [['twin', 'plugin_conflict', ['table "things"']]])
})

test('a route is taken whatever its parameters are called; one error names all that is taken', () => {
  const thief = neighbour('owner_2')
  const again = { ...thief.definition, services: owner.definition.services, metricPrefix: 'x' }
  const errors = found(owner, { ...thief, definition: again })
  assert.deepEqual(errors, [
    ['owner_2', 'plugin_conflict', ['service "owner_service"', 'route "GET /v1/owner/{}"', 'table "things"']],
  ])
})

test('a plugin that is refused takes nothing: what it claimed is there for the next one', () => {
  const thief = neighbour(
    'thief',
    { tables: [writes(shared)] },
    { roles: [defineRole({ name: 'clerk', description: 'x' })] },
  )
  const next = neighbour('next', {}, { roles: [defineRole({ name: 'clerk', description: 'y' })] })
  assert.deepEqual(
    found(owner, thief, next).map(([name]) => name),
    ['thief'],
  )
})

test('a role of another plugin may be imported, and another definition of its name may not', () => {
  const clerk = defineRole({ name: 'clerk', description: 'x' })
  const first = neighbour('first', {}, { roles: [clerk] })
  assert.deepEqual(found(first, neighbour('second', {}, { roles: [clerk] })), [])
  const other = defineRole({ name: 'clerk', description: 'y' })
  assert.deepEqual(found(first, neighbour('third', {}, { roles: [other] })), [
    ['third', 'plugin_conflict', ['role "clerk"']],
  ])
})

test('a call needs a dependency, and an operation that is there; an optional dependency may be absent', () => {
  const look = operationOf('owner', {})
  const caller = (plugin: string | undefined, needs: string[]) =>
    neighbour('caller', { calls: [calls(look, plugin)] }, { needs })
  assert.deepEqual(found(owner, caller('owner', ['owner'])), [])
  assert.deepEqual(found(caller('owner', ['owner'])), [])
  const refused = [['caller', 'plugin_conflict', ['call "owner_service.look"']]]
  assert.deepEqual(found(owner, caller('owner', [])), refused)
  assert.deepEqual(found(owner, caller(undefined, ['owner'])), refused, 'of its own it has no such service')
})
