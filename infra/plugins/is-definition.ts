import type { PluginDefinition } from '@mmf/framework'

/** Whether a module exports a plugin by this, with its services or without: a domain has none. */
export const isDefinition = (value: unknown): value is Omit<PluginDefinition, 'services'> =>
  typeof value === 'object' && value !== null && 'metricPrefix' in value && 'name' in value && 'config' in value
