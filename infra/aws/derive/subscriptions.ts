import type { PluginDefinition, Service } from '@mmf/framework'
import { matchesEventType, resourcesOf } from '@mmf/framework/internal'
import { DeploymentError } from '../deployment-error.ts'

/** One event type that a service's function is called with. */
export interface Subscription {
  /** The CloudEvents type: `marty.certificate_revoked.v1`. */
  readonly type: string
  /** Deliveries after the first one. */
  readonly retries: number
}

/** The services that events are delivered to: dead letters are replayed to their functions. */
export function subscribersOf(
  plugins: readonly PluginDefinition[],
): readonly { readonly plugin: string; readonly service: string }[] {
  return plugins.flatMap(plugin =>
    plugin.services
      .filter(service => subscriptionsOf(service, plugins).length > 0)
      .map(service => ({ plugin: plugin.name, service: service.name })),
  )
}

/**
 * The event types that a service's operations handle, each once, with the most retries that any of them asks for.
 * @throws {Error} when no plugin publishes an event of that name
 */
export function subscriptionsOf(service: Service, plugins: readonly PluginDefinition[]): readonly Subscription[] {
  const retries = new Map<string, number>()
  for (const operation of Object.values(service.operations)) {
    const { event } = operation.declares
    if (event === undefined) continue
    const types = plugins.flatMap(plugin =>
      resourcesOf(plugin)
        .events.map(e => `${plugin.name}.${e.name}.v${e.version}`)
        .filter(type => matchesEventType(event.eventType, type)),
    )
    if (types.length === 0)
      throw new DeploymentError(
        `${service.name}.${operation.name} handles ${event.eventType}, which no service publishes`,
      )
    for (const type of types) retries.set(type, Math.max(retries.get(type) ?? 0, event.retryAttempts - 1))
  }
  return [...retries].map(([type, count]) => ({ type, retries: count }))
}
