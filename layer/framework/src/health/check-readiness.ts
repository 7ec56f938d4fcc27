import type { Clock } from '../clock/clock.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { Service } from '../contract/service.ts'
import { defined } from '../defined.ts'
import { allowedKeys, scopeOf } from '../derive/declared.ts'
import { attempt } from './check-health.ts'
import type { PluginReadiness, Readiness } from './health.ts'
import { checkSigning } from './signing-canary.ts'

/** Whether readiness asks this service: it signs, or relies on what grows old. */
export const hasReadiness = (service: Service): boolean =>
  service.ages !== undefined || scopeOf(service).keys.length > 0

/** What each service that {@link hasReadiness} can do now. What throws or hangs is unhealthy; its whole reason is in the log. */
export async function checkReadiness(
  plugin: PluginDefinition,
  contextOf: (service: Service) => PluginContext,
): Promise<PluginReadiness> {
  const asked = plugin.services.filter(hasReadiness)
  const entries = await Promise.all(
    asked.map(async service => [service.name, await checkService(plugin, service, contextOf(service))] as const),
  )
  return Object.fromEntries(entries)
}

async function checkService(plugin: PluginDefinition, service: Service, context: PluginContext): Promise<Readiness> {
  const names = scopeOf(service).keys.map(({ key }) => key.name)
  const allowed = allowedKeys(plugin, context.config).filter(({ key }) => names.includes(key.name))
  const { logger } = context.observability
  const logged = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      logger.warn('not ready', { plugin: plugin.name, service: service.name, what, error })
      throw error
    }
  }
  const [signing, aged] = await Promise.all([
    attempt<Readiness>('signing', async signal => {
      await logged('signing', () => checkSigning(context.keys, allowed, signal))
      return { status: 'healthy' }
    }),
    attempt<Readiness>('ages', async signal => {
      const ages = await logged('ages', async () => (await service.ages?.(context, { signal })) ?? {})
      const old = Object.keys(ages).filter(name => ages[name]?.tooOld)
      if (old.length === 0) return { status: 'healthy', ages }
      return { status: 'degraded', reason: `too old: ${old.join(', ')}`, ages }
    }),
  ])
  const found: readonly Readiness[] = [signing, aged]
  const [bad = aged] = found.filter(({ status }) => status === 'unhealthy')
  const { ages } = aged as Readiness
  return {
    status: bad.status,
    ...defined({ reason: bad.reason, ages: Object.keys(ages ?? {}).length === 0 ? undefined : ages }),
  }
}

/** An answer that shows something broken is believed no longer than this, milliseconds: what was mended is seen soon. */
const brokenMaxAgeMs = 5_000

/**
 * Asks once for all who ask at once, and keeps the answer for `maxAgeMs`: readiness is asked by strangers, and each signature of a canary costs a call of
 * the key service. Where something is broken it is kept for 5 s at most.
 */
export function sharedReadiness<Result extends Readonly<Record<string, PluginReadiness>>>(
  ask: () => Promise<Result>,
  { clock, maxAgeMs }: { readonly clock: Clock; readonly maxAgeMs: () => number },
): () => Promise<Result> {
  let last: { readonly answer: Promise<Result>; endedAt?: number; broken?: boolean } | undefined
  return () => {
    if (last !== undefined) {
      const { answer, endedAt, broken = false } = last
      if (endedAt === undefined) return answer
      const age = clock.now().getTime() - endedAt
      // A negative age: the clock was set back.
      if (age >= 0 && age < (broken ? Math.min(brokenMaxAgeMs, maxAgeMs()) : maxAgeMs())) return answer
    }
    const current: NonNullable<typeof last> = { answer: ask() }
    last = current
    const end = (broken: boolean) => {
      current.broken = broken
      current.endedAt = clock.now().getTime()
    }
    current.answer.then(
      found => end(isBroken(found)),
      () => end(true),
    )
    return current.answer
  }
}

const isBroken = (plugins: Readonly<Record<string, PluginReadiness>>): boolean =>
  Object.values(plugins).some(services => Object.values(services).some(({ status }) => status === 'unhealthy'))
