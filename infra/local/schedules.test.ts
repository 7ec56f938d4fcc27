import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Later, type LocalSchedule, startSchedules } from './schedules.ts'

/** Timers that go off when the test says so. */
function manualTimers() {
  const planned: { callback: () => void; ms: number }[] = []
  const later: Later = (callback, ms) => {
    const timer = { callback, ms }
    planned.push(timer)
    return () => void planned.splice(planned.indexOf(timer), 1)
  }
  const tick = () => {
    for (const { callback } of planned.splice(0)) callback()
  }
  return { planned, later, tick }
}

const settled = () => new Promise<void>(resolve => setImmediate(resolve))

test('a schedule runs once per interval, and the next one is planned when it has ended', async () => {
  const timers = manualTimers()
  const runs: PromiseWithResolvers<void>[] = []
  const schedule: LocalSchedule = {
    operation: 'a.b',
    everyMinutes: 5,
    run() {
      const run = Promise.withResolvers<void>()
      runs.push(run)
      return run.promise
    },
  }
  const started = startSchedules([schedule], timers.later)
  assert.deepEqual([runs.length, timers.planned.map(({ ms }) => ms)], [0, [300_000]])

  timers.tick()
  timers.tick()
  await settled()
  assert.deepEqual([runs.length, timers.planned.length], [1, 0], 'nothing is planned while it runs')
  runs[0]?.resolve()
  await settled()
  timers.tick()
  assert.equal(runs.length, 2)
  runs[1]?.reject(new Error('failed'))
  await settled()
  timers.tick()
  assert.equal(runs.length, 3, 'a failure does not end the schedule')

  let stopped = false
  const stopping = started.stop().then(() => {
    stopped = true
  })
  await settled()
  assert.equal(stopped, false, 'a run at work is waited for')
  runs[2]?.resolve()
  await stopping
  assert.equal(timers.planned.length, 0)
})

test('stopping takes back what is planned', async () => {
  const timers = manualTimers()
  const started = startSchedules([{ operation: 'a.b', everyMinutes: 1, run: async () => {} }], timers.later)
  await started.stop()
  assert.equal(timers.planned.length, 0)
})
