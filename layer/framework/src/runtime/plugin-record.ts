import { defined } from '../defined.ts'
import type { MmfError } from '../errors/mmf-error.ts'
import type { DependencyNode } from './dependency-graph.ts'
import type { PluginManifest } from './manifest.ts'
import type { MMFPlugin } from './mmf-plugin.ts'
import type { PluginState } from './state-machine.ts'

/** A plugin as its manager knows it. */
export interface PluginRecord {
  readonly name: string
  readonly plugin: MMFPlugin
  readonly manifest: PluginManifest
  /** The folder it was found in. */
  readonly path?: string | undefined
  /** Why it is not running. Cleared when it is loaded again. */
  error?: MmfError | undefined
  /** When it came into its state, RFC 3339. */
  since: string
  /** Whether `initialize` was begun since the last stop, so that there may be something to release. */
  touched: boolean
}

/** What became of one plugin when something was done to all. */
export interface PluginResult {
  readonly name: string
  readonly status: PluginState
  readonly error?: MmfError
}

/** Identity, state and relations of a plugin, fit to be printed. */
export interface PluginInfo {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly description: string
  readonly status: PluginState
  /** When it came into this state, RFC 3339. */
  readonly since: string
  readonly services: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly path?: string
  readonly error?: { readonly code: string; readonly message: string }
}

export function nodeOf({ name, manifest }: PluginRecord): DependencyNode {
  const { version, dependencies, optional_dependencies: optionalDependencies, priority } = manifest
  return { name, version, dependencies, optionalDependencies, priority }
}

export function resultOf({ name, plugin, error }: PluginRecord): PluginResult {
  return { name, status: plugin.status, ...defined({ error }) }
}

export function pluginInfo({ name, plugin, manifest, path, error, since }: PluginRecord): PluginInfo {
  const { title, version, description } = plugin.metadata
  return {
    name,
    title,
    version,
    description,
    status: plugin.status,
    since,
    services: plugin.definition.services.map(service => service.name),
    dependencies: manifest.dependencies,
    optionalDependencies: manifest.optional_dependencies,
    ...defined({ path, error: error === undefined ? undefined : { code: error.code, message: error.message } }),
  }
}
