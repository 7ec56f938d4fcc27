import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { principalOfCall, principalOfEvent, principalOfPlugin, principalOfSchedule } from './own-principals.ts'

test('what runs without a caller is the process or the plugin, with what the configuration gives it', () => {
  assert.deepEqual(principalOfEvent('marty.x.v1'), {
    subject: 'event:marty.x.v1',
    roles: [],
    permissions: [],
    method: 'process',
  })
  assert.equal(principalOfSchedule('pkd.sync').subject, 'schedule:pkd.sync')
  assert.deepEqual(principalOfPlugin('notary', undefined).roles, [])
  const account = { roles: ['auditor'], permissions: ['look'] }
  assert.deepEqual(principalOfPlugin('notary', account), { subject: 'service:notary', ...account, method: 'service' })
})

test('the principal of a call is the one that it names, and one of another form refuses the call', () => {
  const good = { subject: 'ann', issuer: 'https://x', roles: ['a'], permissions: [], method: 'jwt' }
  assert.equal(principalOfCall(good), good)
  assert.equal(principalOfCall(undefined), undefined)
  for (const bad of [
    null,
    'ann',
    [],
    {},
    { ...good, subject: '' },
    { ...good, subject: 7 },
    { ...good, roles: 'admin' },
    { ...good, roles: [1] },
    { ...good, permissions: undefined },
    { ...good, method: 'root' },
  ]) {
    assert.throws(
      () => principalOfCall(bad),
      error => isMmfError(error, 'authentication_required'),
      JSON.stringify(bad),
    )
  }
})
