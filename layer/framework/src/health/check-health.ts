import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { ServiceScope } from '../contract/scope.ts'
import type { Service } from '../contract/service.ts'
import { scopeOf } from '../derive/declared.ts'
import type { HealthResult, HealthStatus, PluginHealth } from './health.ts'

export type PortName = keyof PlatformContext['checks'] | 'store'
type Check = (signal: AbortSignal) => Promise<HealthResult>

const worst = (results: readonly HealthResult[]): HealthStatus =>
  results.some(r => r.status === 'unhealthy')
    ? 'unhealthy'
    : results.some(r => r.status === 'degraded')
      ? 'degraded'
      : 'healthy'

/** Longest wait for one check, in milliseconds. A port that does not answer in time is unhealthy. */
const timeoutMs = 3_000

/** What a check says within its time. One that throws, or does not answer, is unhealthy. */
export async function attempt<Result extends HealthResult>(
  name: string,
  check: (signal: AbortSignal) => Promise<Result>,
  ms = timeoutMs,
): Promise<Result | HealthResult> {
  const signal = AbortSignal.timeout(ms)
  const late = new Promise<HealthResult>(resolve =>
    signal.addEventListener('abort', () => resolve({ status: 'unhealthy', reason: `${name} does not answer` }), {
      once: true,
    }),
  )
  try {
    return await Promise.race([check(signal), late])
  } catch (error) {
    // The reason names the port and the code only; the cause is for the log of the caller.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error'
    return { status: 'unhealthy', reason: `${name}: ${code}` }
  }
}

/**
 * One real check of every port. The answer is public: it holds fixed texts and error codes, whatever a check says (key ids, paths and the
 * texts of services are for the log).
 */
export async function checkPorts<Name extends PortName>(
  checks: Readonly<Record<Name, Check>>,
): Promise<Readonly<Record<Name, HealthResult>>> {
  const names = Object.keys(checks) as Name[]
  const results = await Promise.all(
    names.map(async name => [name, await attempt(name, signal => publicly(name, checks[name](signal)))] as const),
  )
  return Object.fromEntries(results) as Record<Name, HealthResult>
}

const whatIsWrong: Readonly<Record<PortName, string>> = {
  database: 'the database cannot be used',
  keys: 'not every signing key can be used',
  store: 'what is written cannot be read',
}

async function publicly(name: PortName, check: Promise<HealthResult>): Promise<HealthResult> {
  const { status } = await check
  return status === 'healthy' ? { status } : { status, reason: whatIsWrong[name] }
}

async function checkService(
  service: Service,
  context: PluginContext,
  ports: Readonly<Record<keyof PlatformContext['checks'], HealthResult>>,
): Promise<HealthResult> {
  const scope = scopeOf(service)
  const results: HealthResult[] = []
  if (scope.tables.length > 0) results.push(ports.database)
  if (scope.keys.length > 0) results.push(ports.keys)
  results.push(...leftAlone(scope, context))
  const { healthCheck } = service
  if (healthCheck !== undefined) results.push(await attempt(service.name, () => healthCheck(context)))
  const status = worst(results)
  const reasons = results.flatMap(r => (r.reason === undefined ? [] : [r.reason]))
  return reasons.length === 0 ? { status } : { status, reason: reasons.join('; ') }
}

/**
 * Circuits that are not closed, of the service and of the ports that its scope names. Not those of egress: strangers name the addresses, and the health of
 * a service is not theirs to change. `degraded`, since the real checks say whether anything works.
 */
function leftAlone(scope: ServiceScope, { resilience }: PluginContext): readonly HealthResult[] {
  const ports: Readonly<Record<string, boolean>> = {
    database: scope.tables.length > 0,
    keys: scope.keys.length > 0,
    calls: scope.calls.length > 0,
  }
  const names = resilience.openCircuits().map(({ name }) => name)
  const shown = [...new Set(names)].filter(name => name.includes('.') || ports[name] === true)
  if (shown.length === 0) return []
  return [{ status: 'degraded', reason: `left alone after failures: ${shown.toSorted().join(', ')}` }]
}

/** A status per service that exists; services that do not exist are absent. An exception is an unhealthy entry. */
export async function checkPlugin(
  plugin: PluginDefinition,
  contextOf: (service: Service) => PluginContext,
  ports: Readonly<Record<keyof PlatformContext['checks'], HealthResult>>,
): Promise<PluginHealth> {
  const entries = await Promise.all(
    plugin.services.map(
      async service => [service.name, await checkService(service, contextOf(service), ports)] as const,
    ),
  )
  const services = Object.fromEntries(entries)
  return { plugin: plugin.title, status: worst(Object.values(services)), services }
}
