import type { MmfError } from '../../errors/mmf-error.ts'
import type { PluginManifest } from '../manifest.ts'
import type { MMFPlugin } from '../mmf-plugin.ts'

/** The module of a plugin. */
export interface PluginEntry {
  /** Its absolute path. */
  readonly file: string
  /** The export that is the plugin; undefined where the manifest names none. */
  readonly exported?: string | undefined
}

/** A plugin that was found; its code has not been touched yet. */
export interface DiscoveredPlugin {
  readonly name: string
  readonly version: string
  /** The folder of its manifest. */
  readonly path: string
  readonly manifest: PluginManifest
  /** The module that `load` imports; a build needs it. @throws {MmfError} `manifest_invalid` when there is none, or it lies outside the plugin */
  readonly entry?: () => Promise<PluginEntry>
  /**
   * Imports the plugin's module and makes an instance.
   * @throws {MmfError} `plugin_failed` when the module cannot be imported or exports no plugin; `manifest_invalid` when code and manifest differ
   */
  load(): Promise<MMFPlugin>
}

/** Something that looked like a plugin and is none, or a place that could not be searched. */
export interface DiscoveryProblem {
  /** The file or folder. */
  readonly source: string
  readonly error: MmfError
}

export interface DiscoveryResult {
  readonly plugins: readonly DiscoveredPlugin[]
  readonly problems: readonly DiscoveryProblem[]
}

/** Finds plugins. One broken plugin is a problem in the answer; it hides none of the others. */
export interface PluginDiscoverer {
  discover(): Promise<DiscoveryResult>
}
