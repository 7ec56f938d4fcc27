import * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import type { PluginDefinition } from './define-plugin.ts'
import { isVersion, isVersionRange, satisfies } from './version-range.ts'

const name = z.string().regex(/^[a-z][a-z0-9_]*$/)
const version = z.string().refine(isVersion, 'must be a version such as "1.2.3"')
const range = z.string().refine(isVersionRange, 'must be a version range such as "^1.2", ">=1 <3" or "*"')
/** A list of names takes any version; a map gives a range to each. */
const dependencies = z.union([z.array(name), z.record(name, range)]).default({})

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
  keywords: z.array(z.string().min(1)).default([]),
  mmf_version: range.default('*').describe('Versions of this framework the plugin works with'),
  node_version: range.default('*').describe('Versions of Node the plugin works with'),
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
    .default(true)
    .describe('Whether it runs where the configuration does not name the plugins that do'),
  priority: z
    .int()
    .min(0)
    .max(1000)
    .default(100)
    .describe('Lower numbers start earlier, among plugins that do not need each other'),
  services: z.array(name).optional().describe('The services the code declares'),
})

export type PluginManifest = Omit<z.output<typeof pluginManifestSchema>, 'dependencies' | 'optional_dependencies'> & {
  /** Plugin name → version range. */
  readonly dependencies: Readonly<Record<string, string>>
  readonly optional_dependencies: Readonly<Record<string, string>>
}

/** The manifest with both ways to write dependencies made one. */
export function normalizeManifest(manifest: z.output<typeof pluginManifestSchema>): PluginManifest {
  const ranges = (listed: readonly string[] | Readonly<Record<string, string>>) =>
    Array.isArray(listed) ? Object.fromEntries(listed.map(dependency => [dependency, '*'])) : { ...listed }
  return {
    ...manifest,
    dependencies: ranges(manifest.dependencies),
    optional_dependencies: ranges(manifest.optional_dependencies),
  }
}

/** What a plugin has that comes without a manifest. */
export function manifestOf(definition: Pick<PluginDefinition, 'name' | 'version' | 'description'>): PluginManifest {
  const { name, version, description } = definition
  return normalizeManifest(pluginManifestSchema.parse({ name, version, description }))
}

/**
 * Refuses a manifest that says something else than the code.
 * @throws {MmfError} `manifest_invalid`, naming both sides of each difference
 */
export function checkManifest(manifest: PluginManifest, definition: PluginDefinition): void {
  const declared = definition.services.map(service => service.name)
  const differences = [
    differs('name', manifest.name, definition.name),
    differs('version', manifest.version, definition.version),
    manifest.services === undefined ? [] : differs('services', sorted(manifest.services), sorted(declared)),
  ].flat()
  if (differences.length === 0) return
  throw new MmfError('manifest_invalid', {
    detail: `plugin.yaml of ${manifest.name}: ${differences.map(({ message }) => message).join('; ')}`,
    members: { plugin: manifest.name },
    errors: differences,
  })
}

/** What this process offers to plugins. */
export interface HostVersions {
  readonly mmf: string
  readonly node: string
}

/** @throws {MmfError} `plugin_incompatible`, naming both sides */
export function checkCompatibility(manifest: PluginManifest, host: HostVersions): void {
  const unmet = [
    { what: '@mmf/framework', range: manifest.mmf_version, version: host.mmf },
    { what: 'Node', range: manifest.node_version, version: host.node },
  ].filter(({ range: wanted, version: offered }) => !satisfies(offered, wanted))
  if (unmet.length === 0) return
  const reasons = unmet.map(
    ({ what, range: wanted, version: offered }) => `needs ${what} ${wanted}, but this is ${offered}`,
  )
  throw new MmfError('plugin_incompatible', {
    detail: `${manifest.name} ${manifest.version} ${reasons.join(', and ')}`,
    members: { plugin: manifest.name },
  })
}

function differs(path: string, manifest: string, code: string) {
  return manifest === code ? [] : [{ path, message: `${path} is "${manifest}" here and "${code}" in the code` }]
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(', ')
}
