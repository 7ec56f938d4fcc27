import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasEtag, presented } from './presented.ts'

const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' }

test('an answer goes out as its operation presents it', () => {
  const { statusCode, headers, body } = presented(
    answer,
    { body: 'text', mediaType: 'text/plain', etag: '"1"', headers: { link: '</next>; rel="next"' } },
    {},
  )
  assert.equal(statusCode, 200)
  assert.equal(body, 'text')
  assert.deepEqual(headers, {
    'content-type': 'text/plain',
    link: '</next>; rel="next"',
    etag: '"1"',
    'cache-control': 'private, no-cache',
  })
})

test('what is not presented stays', () => {
  assert.deepEqual(presented(answer, {}, { ifNoneMatch: '*' }), answer)
})

test('a client that has the answer gets 304 without a body', () => {
  for (const ifNoneMatch of ['"1"', 'W/"1"', '"0", "1"', '*']) {
    const result = presented(answer, { etag: '"1"', body: 'text' }, { ifNoneMatch })
    assert.equal(result.statusCode, 304)
    assert.equal(result.body, undefined)
    assert.equal(result.headers?.['etag'], '"1"')
  }
})

test('other tags, and what is no tag, do not match', () => {
  for (const given of [undefined, '', '"2"', '1', '"1', 'W/"11"', '"a"1"'])
    assert.equal(hasEtag(given, '"1"'), false, given)
})
