import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isMmfError } from '../errors/mmf-error.ts'
import type { HttpEvent } from './lambda-types.ts'
import { type RoutedPathRules, routedPath } from './routed-path.ts'

const known = new Set(['/v1/keys/jwks', '/health', '/v1/health', '/'])
const rules: RoutedPathRules = { basePath: '', isRoute: path => known.has(path) }
const event = (rawPath: string, routeKey = '$default', stage: string | undefined = '$default', method = 'GET') =>
  ({ rawPath, routeKey, requestContext: { stage, http: { method } } }) as unknown as HttpEvent
const refused = (error: unknown) => isMmfError(error, 'route_not_found')

test('without stage and base path the path is as it is', () => {
  for (const path of ['/v1/keys/jwks', '/', '//x', '/v1/keys/jwks/', '/none']) {
    assert.deepEqual(routedPath(event(path), rules), { prefix: '', path })
  }
})

test('the matched route decides, whatever stands before it', () => {
  const key = 'GET /v1/signatures/{signatureId}'
  for (const [raw, prefix] of [
    ['/v1/signatures/1', ''],
    ['/prod/v1/signatures/1', '/prod'],
    ['/pki/eu/v1/signatures/1', '/pki/eu'],
    ['/v1/v1/signatures/1', '/v1'],
    ['/v1/signatures/v1/signatures/1', '/v1/signatures'],
  ] as const) {
    const path = '/v1/signatures/1'
    assert.deepEqual(routedPath(event(raw, key, 'prod'), rules), { prefix, path }, raw)
  }
  assert.deepEqual(routedPath(event('/prod/v1/x', 'ANY /v1/x', 'prod'), rules), { prefix: '/prod', path: '/v1/x' })
  for (const raw of ['/v1/signatures/', '/signatures/1', '/v1/signatures/1/', '/v1/signature/1', '/']) {
    assert.throws(() => routedPath(event(raw, key), rules), refused, raw)
  }
  assert.throws(() => routedPath(event('/v1/signatures/1', key, 'prod', 'POST'), rules), refused)
})

test('a named stage is taken off where no route was matched', () => {
  const staged = (path: string, stage = 'prod') => routedPath(event(path, '$default', stage), rules)
  assert.deepEqual(staged('/prod/v1/keys/jwks'), { prefix: '/prod', path: '/v1/keys/jwks' })
  assert.deepEqual(staged('/prod'), { prefix: '/prod', path: '/' })
  // A custom domain leaves the stage out of the path.
  assert.deepEqual(staged('/v1/keys/jwks'), { prefix: '', path: '/v1/keys/jwks' })
  assert.deepEqual(staged('/v1/keys/jwks', 'v1'), { prefix: '', path: '/v1/keys/jwks' })
  assert.deepEqual(staged('/production/health'), { prefix: '', path: '/production/health' })
  assert.deepEqual(staged('/prod/none'), { prefix: '', path: '/prod/none' })
  assert.throws(() => staged('/v1/health', 'v1'), refused, 'it is a route with the stage and without')
})

test('the configured base path is taken off first, and makes an ambiguous path plain', () => {
  const below = (path: string, basePath = '/v1') => routedPath(event(path, '$default', 'v1'), { ...rules, basePath })
  assert.deepEqual(below('/v1/health'), { prefix: '/v1', path: '/health' })
  assert.deepEqual(below('/health'), { prefix: '', path: '/health' })
  assert.deepEqual(below('/pki/eu/health', '/pki/eu'), { prefix: '/pki/eu', path: '/health' })
  assert.deepEqual(below('/pki/europe/health', '/pki/eu'), { prefix: '', path: '/pki/europe/health' })
})

test('prefix and path are always the whole path', () => {
  const segment = fc.constantFrom('v1', 'prod', 'health', '', '%2F', 'keys', 'jwks', '{a}')
  const path = fc.array(segment, { maxLength: 5 }).map(parts => `/${parts.join('/')}`)
  const keys = fc.constantFrom('$default', 'GET /health', 'GET /v1/{a}', 'GET /{proxy+}', 'nonsense', '')
  fc.assert(
    fc.property(
      path,
      keys,
      fc.constantFrom('$default', 'prod', 'v1', ''),
      fc.constantFrom('', '/v1', '/prod/v1'),
      (raw, key, stage, basePath) => {
        try {
          const found = routedPath(event(raw, key, stage), { ...rules, basePath })
          assert.equal(found.prefix === raw ? found.path : found.prefix + found.path, found.prefix === raw ? '/' : raw)
        } catch (error) {
          assert.ok(refused(error), String(error))
        }
      },
    ),
  )
})
