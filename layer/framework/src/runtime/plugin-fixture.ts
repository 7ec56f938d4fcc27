import * as z from 'zod'
import type { Blobs } from '../blobs/blobs.ts'
import type { Cache } from '../cache/cache.ts'
import { pluginConfig } from '../config/plugin-config.ts'
import { publicAccess } from '../contract/concerns/requires-auth.ts'
import { definePlugin, type PluginDefinition } from '../contract/define-plugin.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import { defineService, type Service } from '../contract/service.ts'
import type { Database } from '../database/database.ts'
import type { Egress } from '../egress/egress.ts'
import type { Events } from '../events/events.ts'
import type { Keys } from '../keys/keys.ts'
import type { LogFields, Logger } from '../observability/observability.ts'
import { madeFields } from '../testing/recording-logger.ts'
import { MMFPlugin } from './mmf-plugin.ts'

/** For tests of the life cycle: a platform whose ports are never called, and what was logged. */
export function testPlatform(configs: Readonly<Record<string, unknown>> = {}) {
  const lines: { level: string; message: string; fields: LogFields }[] = []
  const platform: PlatformContext = {
    environment: 'testing',
    pluginConfig: async name => {
      const config = configs[name] ?? { enabled: true }
      if (config instanceof Error) throw config
      return config
    },
    database: {} as Database,
    platformTables: [],
    keys: {} as Keys,
    events: () => ({}) as Events,
    cache: {} as Cache,
    blobs: {} as Blobs,
    egress: {} as Egress,
    resilience: { openCircuits: () => [] } as never,
    observability: {
      logger: testLogger(lines, {}),
      metrics: { count: () => {}, duration: () => {}, gauge: () => {} },
      tracer: { span: (name, _tags, work) => work({ name, traceId: 'trace', setTag: () => {} }) },
      flush: () => {},
    },
    clock: { now: () => new Date(0) },
    ids: { next: () => 'id' },
    checks: { database: async () => ({ status: 'healthy' }), keys: async () => ({ status: 'healthy' }) },
  }
  return { platform, lines }
}

function testLogger(lines: { level: string; message: string; fields: LogFields }[], bound: LogFields): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields | (() => LogFields) = {}) => {
      lines.push({ level, message, fields: { ...bound, ...madeFields(fields) } })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: fields => testLogger(lines, { ...bound, ...fields }),
  }
}

/** A plugin with one service, `echo`, and an operation `say` that answers what the context is called. */
export function testDefinition<const Name extends string>(name: Name, options: Partial<PluginDefinition> = {}) {
  const echo = defineService({ name: 'echo', description: 'Answers', operations: { say: sayOperation() } })
  return {
    ...definePlugin({
      name,
      title: name.toUpperCase(),
      version: '1.0.0',
      description: `Plugin ${name}`,
      metricPrefix: name,
      config: pluginConfig({}),
      services: [echo],
    }),
    ...(options as Partial<PluginDefinition<ReturnType<typeof pluginConfig>, readonly [typeof echo]>>),
    name,
  }
}

function sayOperation() {
  return serviceScope<unknown>()('echo', {})({
    name: 'say',
    input: z.strictObject({ text: z.string() }),
    output: z.string(),
    concerns: [publicAccess()],
    run: async ({ text }, { context }) => `${context.plugin.name}: ${text}`,
  })
}

/** A service that fails its own check. */
export function failingService(error: Error): Service {
  return { name: 'bad', description: 'Fails', operations: {}, healthCheck: () => Promise.reject(error) }
}

type Hook = 'initialize' | 'start' | 'stop'

/** A plugin that writes down what happens to it, and fails or hangs where it is told to. */
export class TestPlugin extends MMFPlugin {
  readonly definition: PluginDefinition
  readonly #journal: string[]
  readonly behaviour: Partial<Record<Hook, 'fail' | 'hang'>>

  constructor(name: string, journal: string[] = [], behaviour: Partial<Record<Hook, 'fail' | 'hang'>> = {}) {
    super()
    this.definition = testDefinition(name)
    this.#journal = journal
    this.behaviour = behaviour
  }

  protected override onInitialize(): Promise<void> {
    return this.#do('initialize')
  }

  protected override onStart(): Promise<void> {
    return this.#do('start')
  }

  protected override onStop(): Promise<void> {
    return this.#do('stop')
  }

  async #do(hook: Hook): Promise<void> {
    this.#journal.push(`${this.definition.name} ${hook}`)
    if (this.behaviour[hook] === 'fail') throw new Error(`${hook} broke`)
    if (this.behaviour[hook] === 'hang') await new Promise(() => {})
  }
}
