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
] as const) {
  test(`Accept: ${accept} → ${expected}`, () => {
    assert.equal(negotiate(accept, [pem]), expected)
  })
}

test('a preferred type answers whoever does not mind', () => {
  assert.equal(negotiate('*/*', ['text/plain'], 'text/plain'), 'text/plain')
  assert.equal(negotiate('application/json', ['text/plain'], 'text/plain'), 'application/json')
})

test('refuses what it cannot offer, and says what it can', () => {
  assert.throws(
    () => negotiate('text/html', [pem]),
    error => isMmfError(error, 'not_acceptable') && error.detail?.includes(pem) === true,
  )
})
