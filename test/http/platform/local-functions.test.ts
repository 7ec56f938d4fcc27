import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MmfError } from '@mmf/framework'
import type { FunctionHandler, HttpEvent, HttpPlatform } from '@mmf/framework/http'
import { type HandlerModule, localFunctions } from '../../../infra/local/functions.ts'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { echoPlugin } from '../../bench/echo-plugin.ts'

/** A function that fails to boot as often as it is told, and counts. */
function flaky(definition: HandlerModule['definition'], failures = 0) {
  const seen = { boots: 0, served: 0 }
  const serve = async () => ({ statusCode: 200, body: String(++seen.served) })
  const boot = async () => {
    seen.boots += 1
    if (seen.boots <= failures) throw new MmfError('database_unavailable')
  }
  const handler = Object.assign(serve, { boot, stop: async () => {} }) as unknown as FunctionHandler
  return { seen, module: { definition, create: () => handler } satisfies HandlerModule }
}

test('a function is booted by its requests until it has booted, and not by those that follow', async () => {
  const echo = flaky({ plugin: echoPlugin, services: ['echo'] }, 2)
  const { handlerFor } = localFunctions(
    [echo.module, flaky({ platformOf: [echoPlugin] }).module],
    () => ({}) as HttpPlatform,
    1000,
  )
  const ask = async () => (await handlerFor('POST', '/v1/echo')({} as HttpEvent, lambdaContext('r', 1000))).statusCode
  assert.deepEqual([await ask(), await ask()], [503, 503])
  assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 200])
  assert.deepEqual(echo.seen, { boots: 3, served: 3 })
})
