import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '@mmf/framework'
import { startOptions } from './start-options.ts'

test('npm start takes --watch, and refuses what it does not know by name', () => {
  assert.deepEqual(startOptions([]), { watch: false })
  assert.deepEqual(startOptions(['--watch']), { watch: true })
  assert.throws(
    () => startOptions(['--watch', '--wacth']),
    error => isMmfError(error, 'config_invalid') && /"--wacth" is not known; allowed: --watch/.test(error.message),
  )
})
