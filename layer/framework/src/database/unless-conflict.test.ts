import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MmfError } from '../errors/mmf-error.ts'
import { unlessConflict } from './unless-conflict.ts'

test('a write says whether it took place; only a conflict is an answer', async () => {
  assert.equal(await unlessConflict(Promise.resolve()), true)
  assert.equal(await unlessConflict(Promise.reject(new MmfError('database_conflict'))), false)
  for (const error of [new MmfError('database_unavailable'), new TypeError('planted')])
    await assert.rejects(unlessConflict(Promise.reject(error)), thrown => thrown === error)
})
