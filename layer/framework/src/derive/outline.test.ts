import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { publicAccess } from '../contract/concerns/requires-auth.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import { signs } from '../contract/scope.ts'
import { defineService } from '../contract/service.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { hasReadiness } from '../health/check-readiness.ts'
import { defineKey } from '../keys/keys.ts'
import { outlinedServices, outlineOf } from './outline.ts'

const none = z.strictObject({})
const key = defineKey({ name: 'seal', purpose: 'sign', algorithms: ['ECDSA-SHA256'] })

function service(name: string, scope: object, more: object = {}) {
  const http = { method: 'GET', path: `/v1/${name}/{id}`, status: () => 200 } as const
  const look = { name: 'look', description: 'Looks', input: none, output: none }
  const operation = serviceScope()(name, scope)({ ...look, http, concerns: [publicAccess()], run: async () => ({}) })
  return defineService({ name, description: name, operations: { look: operation }, ...more })
}

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value))

test('an outline survives JSON, and names the routes, the keys and what readiness asks', () => {
  const whole = [
    service('signer', { keys: [signs(key)] }),
    service('countersigner', { keys: [signs(key)] }),
    service('lists', {}, { ages: async () => ({}) }),
    service('plain', {}),
  ]
  const outlined = outlinedServices(throughJson(whole.map(outlineOf)))
  assert.deepEqual(outlined.map(hasReadiness), [true, true, true, false])
  for (const [i, { name, operations }] of outlined.entries()) {
    assert.equal(name, whole[i]?.name)
    const { look } = operations
    assert.deepEqual(look?.http, { method: 'GET', path: `/v1/${name}/{id}` })
    assert.deepEqual([look?.service, look?.name, look?.description], [name, 'look', 'Looks'])
  }
  const keysOf = (i: number) => outlined[i]?.operations['look']?.scope.keys?.map(grant => grant.key) ?? []
  assert.deepEqual(keysOf(0), [key])
  assert.equal(keysOf(0)[0], keysOf(1)[0], 'one definition, as declared')
})

test('what is outlined does not run, and is not healthy by saying nothing', async () => {
  const [outlined] = outlinedServices(throughJson([outlineOf(service('lists', {}, { ages: async () => ({}) }))]))
  assert.ok(outlined)
  const given = {} as never
  for (const run of [
    () => outlined.operations['look']?.call(given, given),
    () => outlined.operations['look']?.invoke(given, given),
    () => outlined.healthCheck?.(given),
    () => outlined.ages?.(given, given),
  ]) {
    await assert.rejects(
      async () => run(),
      error => isMmfError(error, 'service_unavailable'),
    )
  }
})
