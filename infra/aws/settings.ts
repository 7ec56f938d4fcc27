import type { Environment } from '@mmf/framework'

/** What an environment's infrastructure is like. How the software behaves there stands in `config/`, not here. */
export interface EnvironmentSettings {
  /** Keys and tables outlive their stack, and CloudFormation refuses to delete them. */
  readonly retainState: boolean
  readonly logRetentionDays: 7 | 30 | 90 | 365
  readonly memoryMb: number
  /** Requests per second over all routes, and how many more at once; beyond that the gateway answers 429. */
  readonly throttle: { readonly rate: number; readonly burst: number }
}

export const environmentSettings: Readonly<Record<Environment, EnvironmentSettings>> = {
  development: { retainState: false, logRetentionDays: 7, memoryMb: 512, throttle: { rate: 50, burst: 100 } },
  testing: { retainState: false, logRetentionDays: 7, memoryMb: 512, throttle: { rate: 50, burst: 100 } },
  staging: { retainState: false, logRetentionDays: 30, memoryMb: 1024, throttle: { rate: 200, burst: 400 } },
  production: { retainState: true, logRetentionDays: 365, memoryMb: 1024, throttle: { rate: 500, burst: 1000 } },
}
