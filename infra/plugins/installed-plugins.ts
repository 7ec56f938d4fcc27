import { basename, dirname, resolve } from 'node:path'
import { type DiscoveredPlugin, isMmfError, MmfError, type PluginDefinition } from '@mmf/framework'
import {
  atLines,
  checkCompatibility,
  createPluginDiscoverer,
  declaredPlatformService,
  frameworkVersion,
  type Neighbour,
  orderByDependencies,
  type PluginEntry,
  type PluginManifest,
  platformRoles,
  platformTables,
  pluginConflicts,
} from './framework.ts'
import { placeOfFault } from './place-of-fault.ts'

/** A plugin that was found, whose manifest and code agree, and that fits to all others. */
export interface InstalledPlugin {
  readonly name: string
  readonly definition: PluginDefinition
  readonly manifest: PluginManifest
  /** The folder of its manifest. */
  readonly path: string
  /** The module of the plugin. */
  readonly entry: PluginEntry
}

/** A plugin that cannot run, or a place that cannot be searched. */
export interface PluginProblem {
  /** Name of the plugin, or of the folder that should be one. */
  readonly name: string
  /** The file or folder. */
  readonly source: string
  readonly error: MmfError
  /** Where the mistake is: `<file>:<line>` from the root, with the column where it is known. */
  readonly at?: string | undefined
}

export interface InstalledPlugins {
  /** Those that can run, each after what it needs. */
  readonly plugins: readonly InstalledPlugin[]
  readonly problems: readonly PluginProblem[]
  /** Names of those that were found and are switched off, by `plugins.enabled` or by their manifest. */
  readonly disabled: readonly string[]
}

/** What decides which plugins run: the `plugins` section of the base configuration. */
export interface DiscoverySettings {
  readonly discovery_paths: readonly string[]
  readonly enabled: boolean | readonly string[]
}

/** A further check of a plugin by itself, such as of its configuration. @throws {MmfError} what is wrong */
export type PluginCheck = (plugin: InstalledPlugin) => Promise<void>

/**
 * Finds the plugins of this deployment, and says of each whether it can run. Local start, build, synthesis, OpenAPI and CLI all ask here. In this
 * order: manifests of the discovery paths, then of installed packages (the first of a name counts); switched off or not; versions of framework and
 * Node; code, which must agree with the manifest; `check`; dependencies; conflicts with other plugins. Never throws for a single plugin.
 * @param root what relative discovery paths start from, and whose `node_modules` are searched
 */
export async function installedPlugins(
  settings: DiscoverySettings,
  root: string,
  check: PluginCheck,
): Promise<InstalledPlugins> {
  const discovery_paths = settings.discovery_paths.map(path => resolve(root, path))
  const discoverer = createPluginDiscoverer({ discovery_paths }, [resolve(root, 'node_modules')])
  const found = await discoverer.discover()
  const { enabled } = settings
  const named = (name: string) => (typeof enabled === 'boolean' ? enabled : enabled.includes(name))
  const selected = ({ name, manifest }: DiscoveredPlugin) =>
    named(name) && (typeof enabled !== 'boolean' || manifest.enabled)
  const loaded: InstalledPlugin[] = []
  const problems: Unplaced[] = found.problems
    .map(({ source, error }) => ({ name: nameOf(source), source, error }))
    .filter(({ name }) => named(name))
  for (const plugin of found.plugins.filter(selected)) {
    try {
      const installed = await load(plugin)
      await check(installed)
      loaded.push(installed)
    } catch (error) {
      problems.push({ name: plugin.name, source: plugin.path, error: refusal(plugin.name, error) })
    }
  }
  problems.push(...missing(enabled, found.plugins, discovery_paths))
  const { plugins, problems: unfit } = fitting(loaded)
  return {
    plugins,
    problems: await Promise.all([...problems, ...unfit].map(problem => placed(problem, root))),
    disabled: found.plugins.filter(plugin => !selected(plugin)).map(({ name }) => name),
  }
}

/** What a plugin's own code throws while it is looked at refuses that plugin, and no other. */
function refusal(name: string, cause: unknown): MmfError {
  if (isMmfError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MmfError('plugin_failed', { detail: `${name}: ${reason}`, members: { plugin: name }, cause })
}

type Unplaced = Omit<PluginProblem, 'at'>

/** What is about a field of the manifest, and is found after that was read. */
const aboutManifest: readonly string[] = ['plugin_incompatible', 'plugin_dependency_missing', 'plugin_dependency_cycle']

async function placed({ name, source, error }: Unplaced, root: string): Promise<PluginProblem> {
  const told =
    aboutManifest.includes(error.code) && error.errors.length > 0
      ? await atLines(resolve(source, 'plugin.yaml'), error)
      : error
  return { name, source, error: told, at: placeOfFault(told, source, root) }
}

/** The name that a broken manifest would have given is not known: that of its folder stands for it. */
const nameOf = (source: string): string =>
  basename(/\.(ya?ml|json)$/.test(source) ? dirname(source) : source).replaceAll('-', '_')

async function load(found: DiscoveredPlugin): Promise<InstalledPlugin> {
  const { name, manifest, path } = found
  checkCompatibility(manifest, { mmf: frameworkVersion, node: process.versions.node })
  const { definition } = await found.load()
  const entry = await found.entry?.()
  if (entry === undefined)
    throw new MmfError('manifest_invalid', { detail: `${name}: nothing says which module it is` })
  return { name, manifest, path, entry, definition }
}

/** Names that `plugins.enabled` lists and that were not found. */
function missing(
  enabled: DiscoverySettings['enabled'],
  found: readonly DiscoveredPlugin[],
  paths: readonly string[],
): readonly Unplaced[] {
  if (typeof enabled === 'boolean') return []
  const known = found.map(({ name }) => name)
  return enabled
    .filter(name => !known.includes(name))
    .map(name => {
      const there = known.length === 0 ? 'no plugin was found' : `there is ${known.join(', ')}`
      const detail = `plugins.enabled names "${name}"; ${there}, in ${paths.join(', ')} and the installed packages`
      return { name, source: 'plugins.enabled', error: new MmfError('plugin_not_found', { detail }) }
    })
}

interface Fitting {
  readonly plugins: readonly InstalledPlugin[]
  readonly problems: readonly Unplaced[]
}

/** In the order of starting, those whose dependencies are there and that claim nothing of another plugin. A refused plugin takes along those that need it. */
function fitting(loaded: readonly InstalledPlugin[]): Fitting {
  let left = loaded
  const problems: Unplaced[] = []
  for (;;) {
    const { order, problems: unmet } = orderByDependencies(left.map(nodeOf))
    const byName = new Map(left.map(plugin => [plugin.name, plugin]))
    const ordered = order.flatMap(name => byName.get(name) ?? [])
    const refused = new Map([...unmet, ...pluginConflicts([platform, ...ordered.map(neighbourOf)])])
    for (const [name, error] of refused) problems.push({ name, source: byName.get(name)?.path ?? name, error })
    if (refused.size === 0) return { plugins: ordered, problems }
    left = ordered.filter(({ name }) => !refused.has(name))
  }
}

const nodeOf = ({ name, manifest }: InstalledPlugin) => ({
  name,
  version: manifest.version,
  dependencies: manifest.dependencies,
  optionalDependencies: manifest.optional_dependencies,
  priority: manifest.priority,
})

const neighbourOf = ({ definition, manifest }: InstalledPlugin): Neighbour => ({
  definition,
  dependencies: [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optional_dependencies)],
})

/** The platform's own routes, roles and tables belong to no plugin. */
const platform: Neighbour = {
  definition: { name: 'platform', metricPrefix: 'mmf', services: [declaredPlatformService], roles: platformRoles },
  dependencies: [],
  tables: Object.values(platformTables).map(({ name }) => name),
}
