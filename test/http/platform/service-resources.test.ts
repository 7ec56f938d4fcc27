import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { definePlugin, defineService, pluginConfig, publicAccess, serviceScope } from '@mmf/framework'
import * as z from 'zod'
import { startToy } from '../support/start-toy.ts'

/** A service that says how long it may work, one that logs, and one operation that never ends. */
function service(name: string) {
  const operation = serviceScope()(name, {})
  const left = operation({
    name: 'left',
    input: z.strictObject({}),
    output: z.strictObject({ milliseconds: z.number() }),
    http: { method: 'GET', path: `/v1/${name}/left` },
    concerns: [publicAccess()],
    run: async (_input, { call }) => {
      for (const level of ['debug', 'info', 'warn'] as const) call.logger[level](`${level} of ${name}`)
      return { milliseconds: call.deadline - Date.now() }
    },
  })
  const hang = operation({
    name: 'hang',
    input: z.strictObject({}),
    output: z.strictObject({}),
    http: { method: 'GET', path: `/v1/${name}/hang` },
    concerns: [publicAccess()],
    run: () => new Promise<never>(() => {}),
  })
  return defineService({ name, description: name, operations: { left, hang } })
}

const toy = definePlugin({
  name: 'limited',
  title: 'Limited',
  version: '1.0.0',
  description: 'Has resources',
  metricPrefix: 'limited',
  config: pluginConfig({}),
  services: [service('hasty'), service('patient'), service('plain')],
})

describe('resources of a service, on this machine', () => {
  let running: Awaited<ReturnType<typeof startToy>>
  before(async () => {
    running = await startToy(toy, {
      manifest: {
        resources: { log_level: 'warn' },
        services: { hasty: { timeout_seconds: 30, log_level: 'debug' }, patient: { timeout_seconds: 29 } },
      },
      variables: {
        MMF__plugins__resources: JSON.stringify({ limited: { services: { hasty: { timeout_seconds: 1 } } } }),
        MMF__server__request_timeout_seconds: '5',
        MMF_LOG_LEVELS: 'plugins.limited.plain=info',
      },
    })
  })
  after(() => running.stop())
  const left = async (name: string) => (await running.ask(`GET /v1/${name}/left`)).json.milliseconds as number

  it('timeout_seconds limits each call of its function, configuration over manifest; else the time of a request counts', async () => {
    assert.ok((await left('hasty')) <= 1000)
    assert.ok((await left('patient')) > 5000)
    assert.ok((await left('plain')) <= 5000)
  })

  it('a call that takes longer is deadline_exceeded', async () => {
    const { status, json } = await running.ask('GET /v1/hasty/hang')
    assert.deepEqual([status, json.code], [503, 'deadline_exceeded'])
  })

  it('log_level is that of its namespace, unless the configuration names this', async () => {
    for (const name of ['hasty', 'patient', 'plain']) await left(name)
    const told = running.lines.flatMap(({ namespace, message }) =>
      String(namespace).startsWith('plugins.limited.') ? [`${namespace}: ${message}`] : [],
    )
    assert.deepEqual([...new Set(told)].sort(), [
      'plugins.limited.hasty: debug of hasty',
      'plugins.limited.hasty: info of hasty',
      'plugins.limited.hasty: warn of hasty',
      'plugins.limited.patient: warn of patient',
      'plugins.limited.plain: info of plain',
      'plugins.limited.plain: warn of plain',
    ])
  })
})
