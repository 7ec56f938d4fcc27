import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marty } from '@marty/plugin'
import { isMmfError } from '@mmf/framework'
import { checkLimitedOperations } from './limited-operations.ts'

const rate = { requests_per_second: 1 }
const check = (...names: string[]) => {
  const callers = Object.fromEntries(names.map(name => [name, rate]))
  checkLimitedOperations([marty], { callers, requests_per_day: {} }, ['elsewhere'])
}

test('limits of what is there are taken', () => {
  check(
    '*',
    'marty',
    'marty.document_signer',
    'marty.document_signer.sign_document',
    'platform.platform',
    'elsewhere.any',
  )
})

for (const [name, there] of [
  ['mary', 'marty'],
  ['marty.signer', 'document_signer'],
  ['marty.document_signer.sign', 'sign_document'],
] as const) {
  test(`${name} is refused with what there is`, () => {
    assert.throws(
      () => check(name),
      error => isMmfError(error, 'config_invalid') && error.message.includes(name) && error.message.includes(there),
    )
  })
}
