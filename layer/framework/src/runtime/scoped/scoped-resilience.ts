import type { Resilience } from '../../resilience/resilience.ts'

/** The resilience port under the name of a service: no service shares a circuit or a limit with another. */
export function scopedResilience(resilience: Resilience, plugin: string, service: string): Resilience {
  const prefix = `${plugin}.${service}.`
  return {
    execute: (name, policies, work, about) => resilience.execute(prefix + name, policies, work, about),
    limit: (name, limit, about) => resilience.limit(prefix + name, limit, about),
    // Those of the ports too: what they guard is not reached from here either.
    openCircuits: () => resilience.openCircuits().filter(({ name }) => name.startsWith(prefix) || !name.includes('.')),
  }
}
