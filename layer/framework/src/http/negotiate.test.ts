import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { negotiate } from './negotiate.ts'

const pem = 'application/x-pem-file'
for (const [accept, expected] of [
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  [pem, pem],
  [`application/json;q=0.1, ${pem}`, pem],
  [`${pem};q=0, */*`, 'application/json'],
  ['application/*', 'application/json'],
  ['text/html, application/x-pem-file;q=0.5', pem],
  ['*/*;q=0.5, application/x-pem-file;q=0.4', 'application/json'],
  [`application/json;q=0, */*`, pem],
  [`*/*, application/json;q=0`, pem],
  [`application/*;q=0, ${pem}`, pem],
  [`application/*;q=0.2, application/json;q=0, */*;q=0.9`, pem],
  [`*/*, ${pem}`, pem],
  [`${pem}, application/json`, pem],
  ['APPLICATION/JSON; charset=utf-8', 'application/json'],
  [`application/json;q=0.001, ${pem};q=0.002`, pem],
  [`application/json;profile="a,b;q=0", text/html`, 'application/json'],
  [`${pem};q=1.5, application/json;q=0.1`, 'application/json'],
  [`${','.repeat(5000)}${pem}`, pem],
] as const) {
  test(`Accept: ${accept} → ${expected}`, () => {
    assert.equal(negotiate(accept, [pem]), expected)
  })
}

test('a preferred type answers a caller without a preference', () => {
  assert.equal(negotiate('*/*', ['text/plain'], 'text/plain'), 'text/plain')
  assert.equal(negotiate('application/json', ['text/plain'], 'text/plain'), 'application/json')
})

test('refuses what the client excludes', () => {
  for (const accept of ['*/*;q=0', 'application/*;q=0', `application/json;q=0, ${pem};q=0, */*`, '*/*;q=x', ',']) {
    assert.throws(() => negotiate(accept, [pem]), { code: 'not_acceptable' }, accept)
  }
})

test('refuses what it cannot offer, and says what it can', () => {
  assert.throws(
    () => negotiate('text/html', [pem]),
    error => isMmfError(error, 'not_acceptable') && error.detail?.includes(pem) === true,
  )
})
