import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { unlessAborted } from './unless-aborted.ts'

const never = new Promise<never>(() => {})
const late = (error: unknown) => isMmfError(error, 'deadline_exceeded')

test('work that ends in time is the answer, and no listener stays', async () => {
  const { signal } = new AbortController()
  assert.equal(await unlessAborted(Promise.resolve(7), signal), 7)
  await assert.rejects(unlessAborted(Promise.reject(new Error('own')), signal), /own/)
  assert.equal(await unlessAborted(Promise.resolve(7), undefined), 7)
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('work that does not listen is given up when the signal aborts, or when it had aborted before', async () => {
  const controller = new AbortController()
  const waiting = unlessAborted(never, controller.signal)
  controller.abort(new Error('why'))
  await assert.rejects(waiting, error => late(error) && /why/.test(String((error as Error).cause)))
  await assert.rejects(unlessAborted(Promise.resolve(7), controller.signal), late)
  await assert.rejects(unlessAborted(never, controller.signal, new Error('another reason')), /another reason/)
  // A failure that comes too late is nothing that is not handled.
  await assert.rejects(unlessAborted(Promise.reject(new Error('late')), controller.signal), late)
})
