import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { DiscoveryResult, PluginDiscoverer } from './discoverer.ts'
import { firstOfName } from './first-of-name.ts'

/** Several discoverers as one: the first plugin of a name wins, and a discoverer that fails is a problem in the answer. */
export class CompositePluginDiscoverer implements PluginDiscoverer {
  readonly #discoverers: readonly PluginDiscoverer[]

  constructor(discoverers: readonly PluginDiscoverer[]) {
    this.#discoverers = discoverers
  }

  async discover(): Promise<DiscoveryResult> {
    const results = await Promise.all(this.#discoverers.map(discoverer => attempt(discoverer)))
    return {
      plugins: firstOfName(results.flatMap(result => result.plugins)),
      problems: results.flatMap(result => result.problems),
    }
  }
}

async function attempt(discoverer: PluginDiscoverer): Promise<DiscoveryResult> {
  try {
    return await discoverer.discover()
  } catch (cause) {
    const source = discoverer.constructor.name
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = isMmfError(cause) ? cause : new MmfError('plugin_failed', { detail: `${source}: ${reason}`, cause })
    return { plugins: [], problems: [{ source, error }] }
  }
}
