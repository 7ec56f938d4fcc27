import type { AnyEvent } from './events.ts'

/** The CloudEvents type of an event: `<plugin>.<name>.v<version>`. */
export function eventTypeOf(plugin: string, event: Pick<AnyEvent, 'name' | 'version'>): string {
  return `${plugin}.${event.name}.v${event.version}`
}

/**
 * Whether a subscription to `wanted` gets events of `type`. It may leave out the plugin, the version, or both:
 * `marty.certificate_revoked.v1`, `certificate_revoked.v1`, `marty.certificate_revoked`, `certificate_revoked`.
 */
export function matchesEventType(wanted: string, type: string): boolean {
  const plugin = type.slice(0, type.indexOf('.') + 1)
  const version = type.slice(type.lastIndexOf('.'))
  const name = type.slice(plugin.length, type.length - version.length)
  return [type, `${name}${version}`, `${plugin}${name}`, name].includes(wanted)
}
