import type { PluginState } from '../runtime/state-machine.ts'

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** The answer of one real check. */
export interface HealthResult {
  readonly status: HealthStatus
  /** What is wrong, in one sentence, without secrets. */
  readonly reason?: string
}

/** How old something is that a service relies on and that others renew, such as a trust list. */
export interface Age {
  /** Of the oldest one that counts. */
  readonly seconds: number
  /** What the configuration allows. */
  readonly maxSeconds?: number
  /** Older than allowed, or past the time that it names for its successor itself. */
  readonly tooOld: boolean
}

/** Whether a service can do its work now, and how old what it relies on is. */
export interface Readiness extends HealthResult {
  /** By what is old: `trust_lists`, `crls`. What is not there has no age. */
  readonly ages?: Readonly<Record<string, Age>>
}

/** By service; those that have nothing to say are absent. */
export type PluginReadiness = Readonly<Record<string, Readiness>>

/** What became of the configuration that was saved last. */
export interface ConfigurationStatus {
  /** `refused`: what was saved last cannot be used, and the last good configuration is in use. */
  readonly status: 'current' | 'refused'
  /** Since when, RFC 3339. */
  readonly since: string
  /** Why it was refused. File, line and setting are in the log: this answer is public. */
  readonly error?: { readonly configuration: string; readonly code: string }
  /** Settings that were saved and take effect at the next start only, `base` before those of the platform. */
  readonly restart?: string[]
}

/** `GET /health` and `GET /plugins/{name}/health`, in the format of the plugin system's description. */
export interface PluginHealth extends HealthResult {
  readonly plugin: string
  readonly services: Readonly<Record<string, HealthResult>>
  /** Where the plugin stands in its life, in the function that answers. */
  readonly state?: PluginState
  /** Since when, RFC 3339. */
  readonly since?: string
  /** Where the host takes over what is saved while it runs. */
  readonly configuration?: ConfigurationStatus
}
