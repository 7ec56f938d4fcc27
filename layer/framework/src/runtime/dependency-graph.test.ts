import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DependencyNode, dependantsOf, orderByDependencies } from './dependency-graph.ts'

function node(name: string, dependencies: string[] = [], options: Partial<DependencyNode> = {}): DependencyNode {
  return {
    name,
    version: '1.0.0',
    dependencies: Object.fromEntries(dependencies.map(dependency => [dependency, '*'])),
    optionalDependencies: {},
    priority: 100,
    ...options,
  }
}

function codes(nodes: DependencyNode[]) {
  return Object.fromEntries([...orderByDependencies(nodes).problems].map(([name, error]) => [name, error.code]))
}

test('each plugin comes after what it needs; then priority, then name decide', () => {
  const nodes = [node('a', ['c']), node('b', [], { priority: 1 }), node('c'), node('d', ['a', 'b'])]
  assert.deepEqual(orderByDependencies(nodes), { order: ['b', 'c', 'a', 'd'], problems: new Map() })
})

test('a missing dependency is named with its range, and stops only those that need it', () => {
  const nodes = [node('a', [], { dependencies: { x: '^2' } }), node('b', ['a']), node('c', ['b']), node('d')]
  const { order, problems } = orderByDependencies(nodes)
  assert.deepEqual(order, ['d'])
  assert.match(problems.get('a')?.message ?? '', /a 1\.0\.0 needs x \^2, which is not there/)
  assert.match(problems.get('c')?.message ?? '', /c 1\.0\.0 needs b, which cannot be started/)
})

test('a circle is reported with its path to each of its members; those outside are started, those behind it are not', () => {
  const nodes = [node('a', ['b']), node('b', ['c']), node('c', ['a']), node('free'), node('behind', ['a'])]
  const { order, problems } = orderByDependencies(nodes)
  assert.deepEqual(order, ['free'])
  assert.match(problems.get('b')?.message ?? '', /a → b → c → a/)
  assert.deepEqual(codes(nodes), {
    a: 'plugin_dependency_cycle',
    b: 'plugin_dependency_cycle',
    c: 'plugin_dependency_cycle',
    behind: 'plugin_dependency_missing',
  })
  assert.deepEqual(codes([node('self', ['self'])]), { self: 'plugin_dependency_cycle' })
})

test('a version out of range names both sides, for optional dependencies too', () => {
  const dependency = node('base', [], { version: '2.1.0' })
  const { problems } = orderByDependencies([dependency, node('a', [], { dependencies: { base: '^1.4' } })])
  assert.match(problems.get('a')?.message ?? '', /a 1\.0\.0 needs base \^1\.4, but base is 2\.1\.0/)
  assert.deepEqual(codes([dependency, node('a', [], { optionalDependencies: { base: '^1' } })]), {
    a: 'plugin_incompatible',
  })
})

test('an optional dependency orders where it is there and is not missed where it is not', () => {
  const wants = node('a', [], { optionalDependencies: { z: '*' } })
  assert.deepEqual(orderByDependencies([wants, node('z')]).order, ['z', 'a'])
  assert.deepEqual(orderByDependencies([wants]).order, ['a'])
})

test('dependants are those that need a plugin directly', () => {
  const nodes = [node('a'), node('b', ['a']), node('c', ['b']), node('d', [], { optionalDependencies: { a: '*' } })]
  assert.deepEqual(dependantsOf('a', nodes), ['b'])
})

test('in any graph every plugin is ordered or has a problem, and no plugin comes before what it needs', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const graph = fc.array(
    fc.record({ name: fc.constantFrom(...names), needs: fc.uniqueArray(fc.constantFrom(...names)) }),
  )
  fc.assert(
    fc.property(graph, entries => {
      const nodes = [...new Map(entries.map(entry => [entry.name, node(entry.name, entry.needs)])).values()]
      const { order, problems } = orderByDependencies(nodes)
      assert.deepEqual([...order, ...problems.keys()].sort(), nodes.map(({ name }) => name).sort())
      for (const { name, dependencies } of nodes) {
        if (problems.has(name)) continue
        for (const needed of Object.keys(dependencies)) assert.ok(order.indexOf(needed) < order.indexOf(name))
      }
    }),
  )
})
