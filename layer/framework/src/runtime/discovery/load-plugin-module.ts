import { access, readdir } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { checkManifest, type PluginManifest } from '../manifest.ts'
import { type MMFPlugin, pluginOf } from '../mmf-plugin.ts'
import { checkDeclarations } from './check-declarations.ts'
import { permissionDifferences } from './check-permissions.ts'
import type { PluginEntry } from './discoverer.ts'

/** A module that waits at its top for something that never comes must not keep back the others. */
const loadLimitMs = 10_000

const defaultEntryPoints = ['plugin.ts', 'plugin.js', 'plugin.mjs']

/**
 * Imports the module that a manifest names and makes an instance of the plugin it exports: a class over `MMFPlugin`, an instance, or what
 * `definePlugin` gave, in this order.
 * @throws {MmfError} `plugin_failed`, `manifest_invalid`
 */
export async function loadPluginModule({ file, exported }: PluginEntry, manifest: PluginManifest): Promise<MMFPlugin> {
  const plugin = pick(await importModule(file, manifest), exported, `${manifest.name}: ${file}`)
  if (plugin.definition === undefined) {
    throw new MmfError('declaration_invalid', {
      detail: `${manifest.name}: the class in ${file} has no definition; it needs \`definition = …\` with what definePlugin gave`,
    })
  }
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
    throw wrongEntry('manifest_invalid', `${manifest.name}: entry_point "${file}" is outside ${folder}`)
  }
  if (!(await isThere(path))) {
    const there = await readdir(folder).catch(() => [])
    const modules = there.filter(name => /^(?!.*\.test\.).*\.(ts|js|mjs)$/.test(name)).join(', ')
    const detail = `${manifest.name}: entry_point is "${file}", and there is no ${path}; there is ${modules || 'no module'}`
    throw wrongEntry('plugin_failed', detail)
  }
  return { file: path, exported }
}

async function importModule(path: string, { name }: PluginManifest): Promise<Readonly<Record<string, unknown>>> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it has not ended after ${loadLimitMs / 1000} s`)), loadLimitMs)
  try {
    return await Promise.race([import(pathToFileURL(path).href), tooLong])
  } catch (cause) {
    // What the module itself refuses while it is read, such as an unprotected operation, has a code of its own.
    if (isMmfError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MmfError('plugin_failed', { detail: `${name}: ${path} cannot be imported: ${reason}`, cause })
  } finally {
    clearTimeout(timer)
  }
}

async function defaultEntryPoint(folder: string, { name }: PluginManifest): Promise<string> {
  for (const file of defaultEntryPoints) {
    if (await isThere(resolve(folder, file))) return file
  }
  const detail = `${name}: ${folder} has none of ${defaultEntryPoints.join(', ')}, and the manifest no entry_point`
  throw wrongEntry('manifest_invalid', detail)
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** What is wrong about the module that a manifest names. */
const wrongEntry = (code: 'manifest_invalid' | 'plugin_failed', detail: string): MmfError =>
  new MmfError(code, { detail, errors: [{ path: 'entry_point', message: detail }] })

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
      throw wrongEntry('manifest_invalid', detail)
    }
  }
  const missing = exported === undefined ? 'no plugin' : `no plugin "${exported}"`
  const names = Object.keys(module).join(', ') || 'nothing'
  const detail = `${where} exports ${missing}; it exports ${names}, and what definePlugin gives or a class over MMFPlugin is needed`
  throw new MmfError('plugin_failed', { detail })
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
