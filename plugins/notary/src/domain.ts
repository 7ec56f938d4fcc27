import type { PluginDefinition } from '@mmf/framework'
import { roles } from './access.ts'
import { notaryConfigSchema } from './config.ts'

/** The notary without its service: what the platform's own function holds of it. */
export const notaryDomain = {
  name: 'notary',
  title: 'Notary',
  version: '1.0.0',
  description: 'A list of digests that only grows: signed checkpoints, and a proof for each entry',
  metricPrefix: 'notary',
  config: notaryConfigSchema,
  roles: Object.values(roles),
} satisfies Omit<PluginDefinition<typeof notaryConfigSchema>, 'services'>
