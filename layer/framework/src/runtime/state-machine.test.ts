import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isMmfError } from '../errors/mmf-error.ts'
import { type PluginEvent, PluginLifecycle, type PluginState, pluginTransitions } from './state-machine.ts'

const states = Object.keys(pluginTransitions) as PluginState[]
const events: PluginEvent[] = [
  'load',
  'loaded',
  'initialize',
  'started',
  'stop',
  'stopped',
  'fail',
  'disable',
  'enable',
  'unload',
]

test('any sequence of events follows the table; what the table lacks is refused and changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 60 }), sequence => {
      const life = new PluginLifecycle('p')
      const heard: string[] = []
      life.onTransition(({ from, event, to }) => heard.push(`${from} ${event} ${to}`))
      const expected: string[] = []
      for (const event of sequence) {
        const before = life.state
        const to = pluginTransitions[before][event]
        if (to === undefined) {
          assert.throws(
            () => life.send(event),
            (error: unknown) => isMmfError(error, 'plugin_illegal_transition'),
          )
          assert.equal(life.state, before)
        } else {
          assert.equal(life.send(event), to)
          expected.push(`${before} ${event} ${to}`)
        }
      }
      assert.deepEqual(heard, expected)
    }),
  )
})

test('a refusal names the plugin, the state, the event and what is possible', () => {
  assert.throws(
    () => new PluginLifecycle('marty').send('started'),
    (error: unknown) => {
      assert.ok(isMmfError(error))
      assert.match(error.message, /marty: "started" is not possible in state "unloaded"; possible: load/)
      assert.deepEqual(error.members, { plugin: 'marty', state: 'unloaded', event: 'started', allowed: ['load'] })
      return true
    },
  )
})

test('every state can be reached, every state can be left, and every way leads back to unloaded', () => {
  const reach = (start: PluginState) => {
    const seen = new Set<PluginState>([start])
    for (const state of seen) for (const next of Object.values(pluginTransitions[state])) seen.add(next)
    return seen
  }
  assert.deepEqual([...reach('unloaded')].sort(), [...states].sort())
  for (const state of states) assert.ok(reach(state).has('unloaded'), state)
})

test('active is entered only from initializing, and initializing only from loaded or stopped', () => {
  const into = (target: PluginState) => states.filter(state => Object.values(pluginTransitions[state]).includes(target))
  assert.deepEqual(into('active'), ['initializing'])
  assert.deepEqual(into('initializing'), ['loaded', 'stopped'])
})
