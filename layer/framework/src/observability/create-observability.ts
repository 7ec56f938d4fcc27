import type { LambdaObservabilityOptions } from './lambda-observability.ts'
import type { LocalObservability, LocalObservabilityOptions } from './local-observability.ts'
import type { Observability } from './observability.ts'

/** Logger, metrics and tracer for where the process runs. Only the adapters of that place are loaded. */
export function createObservability(options: LocalObservabilityOptions): Promise<LocalObservability>
export function createObservability(options: LambdaObservabilityOptions): Promise<Observability>
export function createObservability(
  options: LocalObservabilityOptions | LambdaObservabilityOptions,
): Promise<Observability>
export async function createObservability(
  options: LocalObservabilityOptions | LambdaObservabilityOptions,
): Promise<Observability> {
  if (options.kind === 'lambda') {
    const { createLambdaObservability } = await import('./lambda-observability.ts')
    return createLambdaObservability(options)
  }
  const { createLocalObservability } = await import('./local-observability.ts')
  return createLocalObservability(options)
}
