import * as z from 'zod'

/** Settings that every plugin has: whether it runs, and which version of it this file was written for. */
const commonSettings = {
  enabled: z.boolean().default(true).describe('Whether the plugin runs'),
  version: z
    .string()
    .min(1)
    .optional()
    .describe('The version of the plugin this file is for; another one does not start'),
}

/**
 * The schema of a plugin's configuration: its own settings and the common ones. Unknown settings are refused. Names are those of
 * the YAML file, in snake_case, and stay so in code. Plugins that need no settings use `pluginConfig({})`.
 */
export function pluginConfig<Shape extends z.ZodRawShape>(settings: Shape) {
  return z.strictObject({ ...commonSettings, ...settings })
}

/** What every plugin's typed configuration holds. */
export interface PluginConfig {
  readonly enabled: boolean
  readonly version?: string | undefined
}

export type PluginConfigSchema = z.ZodType<PluginConfig>
