import { access } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { checkManifest, type PluginManifest } from '../manifest.ts'
import { type MMFPlugin, pluginOf } from '../mmf-plugin.ts'
import { checkDeclarations } from './check-declarations.ts'
import { permissionDifferences } from './check-permissions.ts'
import type { PluginEntry } from './discoverer.ts'

const defaultEntryPoints = ['plugin.ts', 'plugin.js', 'plugin.mjs']

/**
 * Imports the module that a manifest names and makes an instance of the plugin it exports: a class over `MMFPlugin`, an instance, or what
 * `definePlugin` gave, in this order.
 * @throws {MmfError} `plugin_failed`, `manifest_invalid`
 */
export async function loadPluginModule({ file, exported }: PluginEntry, manifest: PluginManifest): Promise<MMFPlugin> {
  const plugin = pick(await importModule(file, manifest), exported, `${manifest.name}: ${file}`)
  checkDeclarations(plugin.definition)
  checkManifest(manifest, plugin.definition, permissionDifferences(manifest, plugin.definition))
  return plugin
}

/**
 * The module that a manifest names, within the folder of the plugin.
 * @throws {MmfError} `manifest_invalid`
 */
export async function pluginEntry(folder: string, manifest: PluginManifest, entry?: string): Promise<PluginEntry> {
  const named = entry ?? manifest.entry_point ?? (await defaultEntryPoint(folder, manifest))
  const { file = named, exported } = /^(?<file>.*?)(?:#(?<exported>\w+))?$/.exec(named)?.groups ?? {}
  const path = resolve(folder, file)
  const within = relative(folder, path)
  if (within.startsWith('..') || isAbsolute(within)) {
    throw new MmfError('manifest_invalid', { detail: `${manifest.name}: entry_point "${file}" is outside ${folder}` })
  }
  return { file: path, exported }
}

async function importModule(path: string, { name }: PluginManifest): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (cause) {
    // What the module itself refuses while it is read, such as an unprotected operation, has a code of its own.
    if (isMmfError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MmfError('plugin_failed', { detail: `${name}: ${path} cannot be imported: ${reason}`, cause })
  }
}

async function defaultEntryPoint(folder: string, { name }: PluginManifest): Promise<string> {
  for (const file of defaultEntryPoints) {
    const exists = await access(resolve(folder, file)).then(
      () => true,
      () => false,
    )
    if (exists) return file
  }
  const detail = `${name}: ${folder} has none of ${defaultEntryPoints.join(', ')}, and the manifest no entry_point`
  throw new MmfError('manifest_invalid', { detail })
}

function pick(module: Readonly<Record<string, unknown>>, exported: string | undefined, where: string): MMFPlugin {
  const values = exported === undefined ? Object.entries(module) : [[exported, module[exported]] as const]
  for (const make of [fromClass, fromInstance, fromDefinition]) {
    const made = values.flatMap(([name, value]) => {
      const plugin = make(value)
      return plugin === undefined ? [] : [{ name, plugin }]
    })
    const [first, ...others] = made
    if (first !== undefined && others.length === 0) return first.plugin()
    if (first !== undefined) {
      const names = made.map(({ name }) => name).join(', ')
      const detail = `${where} exports several plugins (${names}); name one in entry_point: "./plugin.ts#${first.name}"`
      throw new MmfError('manifest_invalid', { detail })
    }
  }
  throw new MmfError('plugin_failed', {
    detail: `${where} exports no plugin${exported === undefined ? '' : ` "${exported}"`}`,
  })
}

// Recognised by their shape, not by instanceof: a packaged plugin may hold its own copy of the framework.
const methods = ['initialize', 'start', 'stop', 'healthCheck', 'getService']

function fromClass(value: unknown): (() => MMFPlugin) | undefined {
  if (typeof value !== 'function' || !hasMethods(value.prototype)) return undefined
  const Plugin = value as new () => MMFPlugin
  return () => new Plugin()
}

function fromInstance(value: unknown): (() => MMFPlugin) | undefined {
  return typeof value === 'object' && hasMethods(value) ? () => value as MMFPlugin : undefined
}

function fromDefinition(value: unknown): (() => MMFPlugin) | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { name, title, version, services } = value as Partial<PluginDefinition>
  const fits = [name, title, version].every(text => typeof text === 'string') && Array.isArray(services)
  return fits ? () => pluginOf(value as PluginDefinition) : undefined
}

function hasMethods(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return methods.every(method => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function')
}
