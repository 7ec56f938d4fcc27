import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { localRouter } from './local-routes.ts'

const route = (text: string) => {
  const [method = '', path = ''] = text.split(' ')
  return { method, path, target: text }
}

test('a literal segment counts more than a parameter, whatever the order of the functions', () => {
  const routes = ['GET /v1/things/{id}', 'POST /v1/things/exports', 'GET /v1/{kind}/exports', 'GET /v1/things']
  for (const order of [routes, routes.toReversed()]) {
    const find = localRouter(order.map(route))
    assert.equal(find('POST', '/v1/things/exports'), 'POST /v1/things/exports')
    assert.equal(find('GET', '/v1/things/exports'), 'GET /v1/things/{id}', 'of those with the method')
    assert.equal(find('DELETE', '/v1/things/exports'), 'POST /v1/things/exports', 'its function refuses the method')
    assert.equal(find('HEAD', '/v1/things/7'), 'GET /v1/things/{id}')
    assert.equal(find('GET', '/v1/others/exports'), 'GET /v1/{kind}/exports')
    assert.equal(find('GET', '/v1/things/7/8'), undefined)
    assert.equal(find('GET', '/v1/things.'), undefined)
  }
})

test('the order in which routes are given never decides between different paths', () => {
  const segment = fc.constantFrom('a', 'b', '{x}')
  const paths = fc.uniqueArray(fc.array(segment, { minLength: 1, maxLength: 3 }).map(parts => `/${parts.join('/')}`))
  const asked = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map(parts => `/${parts.join('/')}`)
  fc.assert(
    fc.property(paths, asked, (given, path) => {
      const routes = given.map(one => route(`GET ${one}`))
      assert.equal(localRouter(routes)('GET', path), localRouter(routes.toReversed())('GET', path))
    }),
  )
})
