import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { anyPolicyOid } from '../testing/index.ts'
import { PolicyGraph } from './policy-graph.ts'

const policies = (...oids: string[]): { policy: string; qualifiers: [] }[] =>
  oids.map(policy => ({ policy, qualifiers: [] }))
const map = (issuerDomainPolicy: string, subjectDomainPolicy: string) => ({ issuerDomainPolicy, subjectDomainPolicy })

function graph(): { readonly graph: PolicyGraph; readonly spent: () => number } {
  let spent = 0
  const spend = (steps: number): void => {
    spent += steps
  }
  return { graph: new PolicyGraph(spend), spent: () => spent }
}

const valid = (tree: PolicyGraph, initial?: readonly string[]): string[] =>
  tree.userConstrained(initial === undefined ? undefined : new Set(initial)).map(({ policy }) => policy)

describe('the policy graph (RFC 9618)', () => {
  test('keeps what every certificate of the path asserts', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies('1.1', '1.2'), true)
    tree.addPolicies(policies('1.2', '1.3'), true)
    assert.deepEqual(valid(tree), ['1.2'])
    assert.deepEqual(valid(tree, ['1.1']), [])
  })

  test('is null once nothing is left, and stays so', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies('1.1'), true)
    tree.addPolicies(policies('1.2'), true)
    assert.equal(tree.isNull, true)
    tree.addPolicies(policies('1.1'), true)
    assert.equal(tree.isNull, true)
    assert.deepEqual(valid(tree), [])
  })

  test('lets anyPolicy stand for each policy, where it is allowed', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies(anyPolicyOid), true)
    assert.deepEqual(valid(tree), [anyPolicyOid])
    assert.deepEqual(valid(tree, ['1.1', '1.2']), ['1.1', '1.2'])
    tree.addPolicies(policies('1.1'), true)
    assert.deepEqual(valid(tree, ['1.1', '1.2']), ['1.1'])
    const { graph: inhibited } = graph()
    inhibited.addPolicies(policies(anyPolicyOid), false)
    assert.equal(inhibited.isNull, true)
  })

  test('maps policies of one domain to those of another', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies('1.1'), true)
    tree.mapPolicies([map('1.1', '2.1'), map('1.1', '2.2')], true)
    tree.addPolicies(policies('2.2'), true)
    // The authority's name for it is that of the first domain.
    assert.deepEqual(valid(tree), ['1.1'])
    assert.deepEqual(valid(tree, ['1.1']), ['1.1'])
    assert.deepEqual(valid(tree, ['2.2']), [])
  })

  test('maps out of anyPolicy', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies(anyPolicyOid), true)
    tree.mapPolicies([map('1.1', '2.1')], true)
    tree.addPolicies(policies('2.1'), true)
    assert.deepEqual(valid(tree).toSorted(), ['1.1'].toSorted())
  })

  test('drops mapped policies where mapping is inhibited', () => {
    const { graph: tree } = graph()
    tree.addPolicies(policies('1.1', '1.2'), true)
    tree.mapPolicies([map('1.1', '2.1')], false)
    assert.deepEqual(valid(tree), ['1.2'])
  })

  test('grows by the sum of mappings, not by their product', () => {
    // Each level maps each of n policies to all n: the tree of RFC 5280 would have n^depth leaves.
    const n = 20
    const depth = 12
    const names = Array.from({ length: n }, (_, index) => `1.${index}`)
    const mappings = names.flatMap(from => names.map(to => map(from, to)))
    const { graph: tree, spent } = graph()
    for (let level = 0; level < depth; level++) {
      tree.addPolicies(policies(...names), true)
      tree.mapPolicies(mappings, true)
    }
    assert.equal(valid(tree).length, n)
    assert.ok(spent() <= depth * n * n * 4, `${spent()} steps`)
  })
})
