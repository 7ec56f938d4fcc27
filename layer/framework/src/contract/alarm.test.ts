import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { type AlarmDefinition, defineAlarm } from './alarm.ts'
import { defineService } from './service.ts'

const bells: AlarmDefinition = {
  name: 'bells_cracked',
  description: 'A bell is cracked',
  metric: 'cracked_bells',
  statistic: 'maximum',
  threshold: 1,
  periodMinutes: 60,
  missingData: 'well',
}

test('an alarm has a name, a threshold and a period that CloudWatch takes', () => {
  assert.equal(defineAlarm(bells), bells)
  for (const name of ['', 'Bells', 'bells-cracked', '_bells'])
    assert.throws(() => defineAlarm({ ...bells, name }), TypeError)
  assert.throws(() => defineAlarm({ ...bells, threshold: Number.NaN }), TypeError)
  for (const periodMinutes of [0, 0.5, 1441]) assert.throws(() => defineAlarm({ ...bells, periodMinutes }), TypeError)
})

test('two alarms of a service have two names', () => {
  const tower = { name: 'tower', description: 'Bells', operations: {} }
  assert.throws(
    () => defineService({ ...tower, alarms: [bells, { ...bells, threshold: 2 }] }),
    error => isMmfError(error, 'declaration_invalid'),
  )
  assert.equal(defineService({ ...tower, alarms: [bells] }).alarms?.length, 1)
})
