import { levelSettings } from '@mmf/framework/embedded'
import type { ServiceResources } from '../plugins/service-resources.ts'

/** By plugin, and in it by service: what its function gets. */
export type LocalResources = Readonly<Record<string, Readonly<Record<string, ServiceResources>>>>

type Logging = Parameters<typeof levelSettings>[0]

/** The levels of the log with those of the services' resources. A namespace that the configuration names itself has the level that it says. */
export function levelsWith(resources: LocalResources, logging: Logging): ReturnType<typeof levelSettings> {
  const ofServices = Object.entries(resources).flatMap(([plugin, services]) =>
    Object.entries(services).flatMap(([service, { log_level: level }]) =>
      level === undefined ? [] : [[`plugins.${plugin}.${service}`, level] as const],
    ),
  )
  return levelSettings({ ...logging, levels: { ...Object.fromEntries(ofServices), ...logging.levels } })
}

/** The longest time that a call may take, in milliseconds. */
export function longestCallMs(resources: LocalResources, requestTimeoutMs: number): number {
  const limits = Object.values(resources).flatMap(services =>
    Object.values(services).map(({ timeout_seconds: seconds = 0 }) => seconds * 1000),
  )
  return Math.max(requestTimeoutMs, ...limits)
}
