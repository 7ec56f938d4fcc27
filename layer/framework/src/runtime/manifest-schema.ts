import * as z from 'zod'
import { serviceResourcesSchema } from '../config/service-resources.ts'
import { manifestDefaults, pluginNamePattern } from './manifest-defaults.ts'
import { isVersion, isVersionRange, rangeText, versionText } from './version-range.ts'

const name = z.string().regex(pluginNamePattern)
const version = z.string().refine(isVersion, 'must be a version such as "1.2.3"').meta({ pattern: versionText.source })
const range = z
  .string()
  .refine(isVersionRange, 'must be a version range such as "^1.2", ">=1 <3" or "*"')
  .meta({ pattern: rangeText.source })
const modulePath = z.string().regex(/^\.?\/?[\w./-]+\.(ts|js|mjs)$/)
/** A list of names takes any version; a map gives a range to each. */
const dependencies = z.union([z.array(name), z.record(name, range)]).default(manifestDefaults.dependencies)

const names = z.array(z.string().min(1)).default([])
const host = z.string().regex(/^(?:\*|(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$/)

/** What the plugin may touch, for those who decide about it without reading its code. */
const permissionsSchema = z.strictObject({
  tables: z
    .record(name, z.enum(['read', 'write']))
    .default({})
    .describe('Every table that its services open'),
  keys: names.describe('Every key that its services sign with'),
  events: names.describe('Every event that its services publish'),
  egress: z
    .array(host)
    .default([])
    .describe(
      'Hosts that its services may ask: `example.org`, `*.example.org` for what is below it, or `*` for every one that the platform allows',
    ),
  secrets: names.describe('Names of the secrets that its configuration may refer to'),
})

/** What a manifest may say of one service. */
const serviceSchema = serviceResourcesSchema.extend({
  module: modulePath.optional().describe('Module that exports the service. Default: the entry point'),
})

/**
 * The schema of `plugin.yaml`. Every field is read by something; a field that is not here is refused. Routes, tables, keys and events
 * are not repeated in it: the plugin's code declares them once.
 */
export const pluginManifestSchema = z.strictObject({
  name: name.describe('snake_case; also the name of the configuration file'),
  version: version.describe('Must be the version that the code declares'),
  description: z.string().min(1).describe('One sentence, for listings'),
  author: z.string().min(1).optional(),
  license: z.string().min(1).optional().describe('SPDX expression'),
  homepage: z.url().optional(),
  keywords: z.array(z.string().min(1)).default(manifestDefaults.keywords),
  mmf_version: range.default(manifestDefaults.mmf_version).describe('Versions of this framework the plugin works with'),
  node_version: range.default(manifestDefaults.node_version).describe('Versions of Node the plugin works with'),
  dependencies: dependencies.describe('Plugins that must be active before this one'),
  optional_dependencies: dependencies.describe('Plugins that are started before this one where they are there'),
  entry_point: z
    .string()
    .regex(/^\.?\/?[\w./-]+\.(ts|js|mjs)(#\w+)?$/)
    .optional()
    .describe(
      'Module of the plugin, beside the manifest, and the name it exports: `./plugin.ts#marty`. Default: plugin.ts or plugin.js',
    ),
  enabled: z
    .boolean()
    .default(manifestDefaults.enabled)
    .describe('Whether it runs where the configuration does not name the plugins that do'),
  priority: z
    .int()
    .min(0)
    .max(1000)
    .default(manifestDefaults.priority)
    .describe('Lower numbers start earlier, among plugins that do not need each other'),
  domain: modulePath
    .optional()
    .describe(
      'Module, beside the manifest, with what all services share and without them: the function of one service then loads this and that service. Default: the entry point, whole',
    ),
  permissions: permissionsSchema
    .optional()
    .describe(
      'What the code declares and the configuration may name, and nothing else. Default: not limited by the manifest',
    ),
  resources: serviceResourcesSchema
    .optional()
    .describe('What the function of each service gets; a service may say otherwise'),
  services: z
    .union([z.array(name), z.record(name, serviceSchema)])
    .optional()
    .describe('The services the code declares: their names, or a map that says more of each'),
})
