import type * as z from 'zod'
import type { ServiceResources } from '../config/service-resources.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import { defined } from '../defined.ts'
import { type FieldError, MmfError } from '../errors/mmf-error.ts'
import { manifestDefaults, pluginNamePattern } from './manifest-defaults.ts'
import type { pluginManifestSchema } from './manifest-schema.ts'
import { isVersion, satisfies } from './version-range.ts'

/** What a manifest says of one service. */
interface ServiceManifest extends ServiceResources {
  /** Module that exports the service, relative to the manifest; default the entry point. */
  readonly module?: string | undefined
}

export type PluginManifest = Omit<
  z.output<typeof pluginManifestSchema>,
  'dependencies' | 'optional_dependencies' | 'services'
> & {
  /** Plugin name → version range. */
  readonly dependencies: Readonly<Record<string, string>>
  readonly optional_dependencies: Readonly<Record<string, string>>
  /** By name; absent where the manifest lists none. */
  readonly services?: Readonly<Record<string, ServiceManifest>>
}

/** The manifest with both ways to write dependencies made one. */
export function normalizeManifest(manifest: z.output<typeof pluginManifestSchema>): PluginManifest {
  const ranges = (listed: readonly string[] | Readonly<Record<string, string>>) =>
    Array.isArray(listed) ? Object.fromEntries(listed.map(dependency => [dependency, '*'])) : { ...listed }
  const { services: _, ...said } = manifest
  return {
    ...said,
    dependencies: ranges(manifest.dependencies),
    optional_dependencies: ranges(manifest.optional_dependencies),
    ...defined({ services: servicesOf(manifest) }),
  }
}

function servicesOf({ services }: z.output<typeof pluginManifestSchema>) {
  return Array.isArray(services) ? Object.fromEntries(services.map(name => [name, {}])) : services
}

/**
 * What a plugin has that comes without a manifest. The schema is not asked: it is a tenth of what a function loads, for nothing.
 * @throws {MmfError} `manifest_invalid` for a name or a version that is none
 */
export function manifestOf(definition: Pick<PluginDefinition, 'name' | 'version' | 'description'>): PluginManifest {
  const { name, version, description } = definition
  if (!pluginNamePattern.test(name) || !isVersion(version)) {
    const detail = `"${name}" is no name of a plugin, or "${version}" no version`
    throw new MmfError('manifest_invalid', { detail, members: { plugin: name } })
  }
  return { ...manifestDefaults, name, version, description }
}

/**
 * Refuses a manifest that says something else than the code.
 * @param further other differences, for the same error
 * @throws {MmfError} `manifest_invalid`, naming both sides of each difference
 */
export function checkManifest(
  manifest: PluginManifest,
  definition: PluginDefinition,
  further: readonly FieldError[] = [],
): void {
  const declared = definition.services.map(service => service.name)
  const differences = [
    differs('name', manifest.name, definition.name),
    differs('version', manifest.version, definition.version),
    manifest.services === undefined
      ? []
      : differs('services', sorted(Object.keys(manifest.services)), sorted(declared)),
    further,
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
    { path: 'mmf_version', what: '@mmf/framework', range: manifest.mmf_version, version: host.mmf },
    { path: 'node_version', what: 'Node', range: manifest.node_version, version: host.node },
  ].filter(({ range: wanted, version: offered }) => !satisfies(offered, wanted))
  if (unmet.length === 0) return
  const errors = unmet.map(({ path, what, range: wanted, version: offered }) => ({
    path,
    message: `${manifest.name} ${manifest.version} needs ${what} ${wanted}, but this is ${offered}`,
  }))
  const detail = errors.map(({ message }) => message).join('; ')
  throw new MmfError('plugin_incompatible', { detail, members: { plugin: manifest.name }, errors })
}

function differs(path: string, manifest: string, code: string) {
  return manifest === code ? [] : [{ path, message: `${path} is "${manifest}" here and "${code}" in the code` }]
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(', ')
}
