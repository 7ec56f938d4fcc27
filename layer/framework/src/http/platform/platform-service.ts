import * as z from 'zod'
import type { ApiKeys } from '../../api-keys/api-keys.ts'
import { publicAccess } from '../../contract/concerns/requires-auth.ts'
import { type Operation, serviceScope } from '../../contract/operation/operation.ts'
import { defineService, type Service } from '../../contract/service.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { DeadLetters } from '../../events/dead-letters.ts'
import type { WaitingEvents } from '../../events/outbox/waiting-events.ts'
import type { HealthResult, PluginHealth, Readiness } from '../../health/health.ts'
import type { Trace } from '../../observability/local-tracer.ts'
import type { LogLevels } from '../../observability/log-levels.ts'
import { type PluginState, pluginTransitions } from '../../runtime/state-machine.ts'
import { apiKeyOperations } from './api-key-operations.ts'
import { deadLetterOperations } from './dead-letter-operations.ts'
import { eventOperations } from './event-operations.ts'
import { logLevelOperations } from './log-level-operations.ts'
import { traceOperations } from './trace-operations.ts'

/** What the platform's own routes show. Functions, because the routes are declared before anything is running. */
export interface PlatformViews {
  /** In the form of one plugin; with several, each also by its name. */
  readonly health: () => Promise<PluginHealth & { readonly plugins?: Readonly<Record<string, PluginHealth>> }>
  /** @throws {MmfError} `plugin_not_found` */
  readonly pluginHealth: (plugin: string) => Promise<PluginHealth>
  /** @throws {MmfError} `service_unknown` */
  readonly serviceHealth: (service: string) => Promise<HealthResult>
  readonly ready: () => Promise<{
    status: 'ready' | 'not_ready'
    checks: Readonly<Record<string, HealthResult>>
    /** By `<plugin>.<service>`: those that sign, or rely on what grows old. */
    services: Readonly<Record<string, Readiness>>
  }>
  readonly openapi: () => Promise<object>
  /** Prometheus text; only where this process keeps its own metrics. */
  readonly metrics?: (() => string) | undefined
  /** Where they can be changed while the process runs. */
  readonly logLevels?: LogLevels | undefined
  /** Only where this process keeps its own. */
  readonly traces?: (() => readonly Trace[]) | undefined
  /** Absent where the platform does not know them. */
  readonly deadLetters?: DeadLetters | undefined
  readonly waitingEvents?: WaitingEvents | undefined
  readonly apiKeys?: ApiKeys | undefined
  /** Every operation that is served, as `<service>.<operation>`. */
  readonly operationNames: () => readonly string[]
}

const HealthSchema = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  reason: z.optional(z.string()),
})
const ConfigurationSchema = z.strictObject({
  status: z.enum(['current', 'refused']),
  since: z.string(),
  error: z.optional(z.strictObject({ configuration: z.string(), code: z.string() })),
  restart: z.optional(z.array(z.string())),
})
const CodeSchema = z.strictObject({
  status: z.enum(['current', 'refused', 'restart']),
  since: z.string(),
  error: z.optional(z.strictObject({ plugin: z.optional(z.string()), code: z.string(), at: z.optional(z.string()) })),
  restart: z.optional(z.array(z.string())),
})
const PluginHealthSchema = z.strictObject({
  plugin: z.string(),
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  reason: z.optional(z.string()),
  services: z.record(z.string(), HealthSchema),
  state: z.optional(z.enum(Object.keys(pluginTransitions) as PluginState[])),
  since: z.optional(z.string()),
  configuration: z.optional(ConfigurationSchema),
  code: z.optional(CodeSchema),
})
const AllHealthSchema = PluginHealthSchema.extend({ plugins: z.optional(z.record(z.string(), PluginHealthSchema)) })
const AgeSchema = z.strictObject({ seconds: z.int(), maxSeconds: z.optional(z.int()), tooOld: z.boolean() })
const ReadinessSchema = HealthSchema.extend({ ages: z.optional(z.record(z.string(), AgeSchema)) })
const ReadySchema = z.strictObject({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), HealthSchema),
  services: z.record(z.string(), ReadinessSchema),
})
const None = z.strictObject({})

const healthStatus = (health: { status: string }) => (health.status === 'unhealthy' ? 503 : 200)

const operation = serviceScope<unknown>()('platform', {})

/** The platform's own service: health, readiness, OpenAPI, dead letters and, locally, metrics. Built like any other service. */
export function platformService(views: PlatformViews): Service {
  const operations = {
    health: operation({
      name: 'health',
      description: 'Status of the plugin and of each of its services, checked now.',
      input: None,
      output: AllHealthSchema,
      http: { method: 'GET', path: '/health', status: healthStatus },
      concerns: [publicAccess()],
      run: async () => {
        const { plugins, ...health } = await views.health()
        return { ...health, ...(plugins === undefined ? {} : { plugins: { ...plugins } }) }
      },
    }),
    serviceHealth: operation({
      name: 'service_health',
      description: 'Status of one service, as its own function says.',
      input: z.strictObject({ service: z.string() }),
      output: HealthSchema,
      http: { method: 'GET', path: '/health/{service}', status: healthStatus },
      concerns: [publicAccess()],
      run: ({ service }) => views.serviceHealth(service),
    }),
    ready: operation({
      name: 'ready',
      description:
        'Whether requests can be served: ports answer, the store keeps a row, keys sign; and how old trust lists and CRLs are.',
      input: None,
      output: ReadySchema,
      http: { method: 'GET', path: '/ready', status: ready => (ready.status === 'ready' ? 200 : 503) },
      concerns: [publicAccess()],
      run: async () => {
        const { status, checks, services } = await views.ready()
        return { status, checks: { ...checks }, services: { ...services } }
      },
    }),
    pluginHealth: operation({
      name: 'plugin_health',
      description: 'Status of one plugin.',
      input: z.strictObject({ plugin: z.string() }),
      output: PluginHealthSchema,
      http: { method: 'GET', path: '/plugins/{plugin}/health', status: healthStatus },
      concerns: [publicAccess()],
      run: ({ plugin }) => views.pluginHealth(plugin),
    }),
    openapi: operation({
      name: 'openapi',
      description: 'This API as OpenAPI 3.1.',
      input: None,
      output: z.looseObject({}),
      http: { method: 'GET', path: '/openapi.json' },
      concerns: [publicAccess()],
      // The first server is where the document was read.
      run: async (_input, { call: { basePath = '' } }) => withFirstServer(await views.openapi(), `${basePath}/`),
    }),
  }
  const service = defineService({ name: 'platform', description: 'Health, readiness, OpenAPI', operations })
  const others = {
    ...(views.metrics === undefined ? {} : { metrics: metricsOperation(views.metrics) }),
    ...(views.logLevels === undefined ? {} : logLevelOperations(views.logLevels)),
    ...(views.traces === undefined ? {} : traceOperations(views.traces)),
    ...(views.waitingEvents === undefined ? {} : eventOperations(views.waitingEvents)),
    ...(views.deadLetters === undefined ? {} : deadLetterOperations(views.deadLetters)),
    ...(views.apiKeys === undefined ? {} : apiKeyOperations(views.apiKeys, views.operationNames)),
  }
  return { ...service, operations: { ...service.operations, ...others } }
}

function withFirstServer(document: object, url: string): object & Record<string, unknown> {
  const { servers = [] } = document as { servers?: readonly object[] }
  return { ...document, servers: [{ url }, ...servers.slice(1)] }
}

function metricsOperation(text: () => string): Operation {
  return operation({
    name: 'metrics',
    description: 'Metrics of this process as Prometheus text.',
    input: None,
    output: z.string(),
    http: { method: 'GET', path: '/metrics', representations: { 'text/plain': body => body }, preferred: 'text/plain' },
    concerns: [publicAccess()],
    run: async () => text(),
  })
}

/** The declarations alone, for what is derived from them without running anything (CDK, OpenAPI, docs). */
export const declaredPlatformService: Service = platformService({
  health: unavailable,
  pluginHealth: unavailable,
  serviceHealth: unavailable,
  ready: unavailable,
  openapi: unavailable,
  waitingEvents: { list: unavailable },
  deadLetters: { list: unavailable, replay: unavailable, discard: unavailable },
  apiKeys: { list: unavailable, get: unavailable, create: unavailable, rotate: unavailable, revoke: unavailable },
  operationNames: () => [],
})

async function unavailable(): Promise<never> {
  throw new MmfError('internal_error', { detail: 'declarations only' })
}
