import type { DiscoveredPlugin } from './discoverer.ts'

/** Plugins without those whose name came before. */
export function firstOfName(plugins: readonly DiscoveredPlugin[]): readonly DiscoveredPlugin[] {
  const byName = new Map<string, DiscoveredPlugin>()
  for (const plugin of plugins) if (!byName.has(plugin.name)) byName.set(plugin.name, plugin)
  return [...byName.values()]
}
