import type { PlatformContext } from '../contract/platform-context.ts'
import type { PluginRecord } from './plugin-record.ts'

/**
 * Tells each transition of a plugin once: in its record, as a metric and as a log line. The plugin may be in several functions; `host` names the one.
 * @returns ends it
 */
export function watchLifecycle(
  record: PluginRecord,
  { clock, observability }: Pick<PlatformContext, 'clock' | 'observability'>,
  host: string,
): () => void {
  const { name, manifest, plugin } = record
  const logger = observability.logger.child({ plugin: name, version: manifest.version, host }, 'framework.plugins')
  return plugin.lifecycle.onTransition(({ from, to, event }) => {
    record.since = clock.now().toISOString()
    observability.metrics.count('mmf_plugin_transitions_total', { plugin: name, host, to })
    observability.metrics.gauge('mmf_plugin_active', { plugin: name, host }, to === 'active' ? 1 : 0)
    // A start has four for each plugin in each function; only the one that a person must see stands among the lines of each day.
    logger[to === 'error' ? 'warn' : 'debug']('plugin state changed', { from, to, event })
  })
}
