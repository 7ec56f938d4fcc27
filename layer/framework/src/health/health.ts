export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** The answer of one real check. */
export interface HealthResult {
  readonly status: HealthStatus
  /** What is wrong, in one sentence, without secrets. */
  readonly reason?: string
}

/** `GET /health` and `GET /plugins/{name}/health`, in the format of the plugin system's description. */
export interface PluginHealth extends HealthResult {
  readonly plugin: string
  readonly services: Readonly<Record<string, HealthResult>>
}
