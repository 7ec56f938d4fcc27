export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** The answer of one real check. */
export interface HealthResult {
  readonly status: HealthStatus
  /** What is wrong, in one sentence, without secrets. */
  readonly reason?: string
}

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

/** What became of the plugin code that was saved last. */
export interface CodeStatus {
  /** `refused`: it cannot run; `restart`: it takes effect at the next start only. In both the code before it goes on serving. */
  readonly status: 'current' | 'refused' | 'restart'
  /** Since when, RFC 3339. */
  readonly since: string
  /** Why it was refused, and at which file and line, where that is known: only who develops a plugin has the host watch its code. */
  readonly error?: { readonly plugin?: string; readonly code: string; readonly at?: string }
  /** Why it needs a start. */
  readonly restart?: string[]
}

/** `GET /health` and `GET /plugins/{name}/health`, in the format of the plugin system's description. */
export interface PluginHealth extends HealthResult {
  readonly plugin: string
  readonly services: Readonly<Record<string, HealthResult>>
  /** Where the host takes over what is saved while it runs. */
  readonly configuration?: ConfigurationStatus
  /** Where the host swaps saved code in while it runs. */
  readonly code?: CodeStatus
}
