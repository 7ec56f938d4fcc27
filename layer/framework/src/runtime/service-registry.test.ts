import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError, type MmfError } from '../errors/mmf-error.ts'
import { type RegisteredService, ServiceRegistry } from './service-registry.ts'

const coded = (code: MmfError['code']) => (error: unknown) => isMmfError(error, code)

function service(plugin: string, name: string, options: Partial<RegisteredService> = {}): RegisteredService {
  return { plugin, name, client: { name }, ...options }
}

test('register, get, list, by plugin, unregister', () => {
  const registry = new ServiceRegistry()
  registry.register(service('a', 'one', { description: 'First' }))
  registry.register(service('a', 'two'))
  registry.register(service('b', 'one'))
  assert.deepEqual(registry.get('a.one'), { name: 'one' })
  assert.deepEqual(registry.info('a.one'), {
    id: 'a.one',
    plugin: 'a',
    name: 'one',
    description: 'First',
    dependencies: [],
  })
  assert.deepEqual(
    registry.list().map(({ id }) => id),
    ['a.one', 'a.two', 'b.one'],
  )
  assert.deepEqual(
    registry.byPlugin('a').map(({ id }) => id),
    ['a.one', 'a.two'],
  )
  registry.unregister('a.one')
  assert.throws(() => registry.get('a.one'), /a\.one; registered: a\.two, b\.one/)
  assert.throws(() => registry.unregister('a.one'), coded('service_unknown'))
})

test('a name is registered once per plugin', () => {
  const registry = new ServiceRegistry()
  registry.register(service('a', 'one'))
  assert.throws(() => registry.register(service('a', 'one')), coded('service_duplicate'))
})

test('what a service depends on is registered before it and not removed while it is there', () => {
  const registry = new ServiceRegistry()
  const dependant = service('a', 'two', { dependencies: ['a.one'] })
  assert.throws(() => registry.register(dependant), coded('plugin_dependency_missing'))
  registry.register(service('a', 'one'))
  registry.register(dependant)
  assert.throws(() => registry.unregister('a.one'), coded('plugin_in_use'))
  registry.unregisterPlugin('a')
  assert.deepEqual(registry.list(), [])
})

test('health: one entry per check; an exception is unhealthy, names the code only and hides no other', async () => {
  const registry = new ServiceRegistry()
  registry.register(service('a', 'good', { healthCheck: async () => ({ status: 'healthy' }) }))
  const thrown = Object.assign(new Error('password hunter2'), { code: 'ECONNREFUSED' })
  registry.register(service('a', 'bad', { healthCheck: () => Promise.reject(thrown) }))
  registry.register(
    service('a', 'sync', {
      healthCheck: () => {
        throw new Error('at once')
      },
    }),
  )
  registry.register(service('a', 'none'))
  assert.deepEqual(await registry.healthCheckAll(), {
    'a.good': { status: 'healthy' },
    'a.bad': { status: 'unhealthy', reason: 'the check failed: ECONNREFUSED' },
    'a.sync': { status: 'unhealthy', reason: 'the check failed: error' },
  })
})
