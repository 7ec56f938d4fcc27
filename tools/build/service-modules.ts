import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PluginDefinition, Service } from '@mmf/framework'
import { describeOperations, outlineOf, type ServiceOutline, scopeOf } from '@mmf/framework/internal'
import { functionFile } from '../../infra/plugins/function-file.ts'
import type { InstalledPlugin } from '../../infra/plugins/installed-plugins.ts'
import { isDefinition } from '../../infra/plugins/is-definition.ts'
import { withDecorators } from '../../infra/plugins/lower-decorators.ts'
import { operationsFile } from '../../infra/plugins/operations-file.ts'
import { BuildError } from './bundle.ts'

/** The function of one service: its file among the handlers, and the module that stands for `./built/service.js` in the template. */
export interface ServiceModule {
  /** `document-signer` */
  readonly file: string
  readonly code: string
}

/**
 * One module for each service of these plugins. A service comes from the module that the manifest names for it, and what all services share
 * from the manifest's `domain`; else both come from the entry point, and the function holds the whole plugin.
 * @throws {BuildError} when a module that the manifest names does not export what it should
 */
export async function serviceModules(plugins: readonly InstalledPlugin[]): Promise<readonly ServiceModule[]> {
  const modules = plugins.flatMap(plugin => plugin.definition.services.map(service => serviceModule(plugin, service)))
  return Promise.all(modules)
}

async function serviceModule(plugin: InstalledPlugin, service: Service): Promise<ServiceModule> {
  const domain = await domainOf(plugin)
  const clients = clientsOf(service)
  const lines = [
    `import { definePlugin } from '@mmf/framework'`,
    `import * as shared from ${JSON.stringify(domain.file)}`,
    ...clients.map(name => `import { ${name} } from './clients/${name}.ts'`),
    ...(await serviceLines(plugin, service)),
    `export const definition = {`,
    `  plugin: definePlugin({ ...${domain.definition}, services: [service] }),`,
    `  services: [service.name],`,
    `  manifest: ${JSON.stringify(functionManifest(plugin))},`,
    `  instance: ${domain.instance},`,
    `}`,
    `export const clients = () => ({ ${clients.map(name => `${name}: ${name}()`).join(', ')} })`,
  ]
  return { file: functionFile(service.name), code: `${lines.join('\n')}\n` }
}

/** What the platform's own function knows of the plugins. */
export interface PluginsModule {
  /** Stands for `./built/plugins.js`. */
  readonly code: string
  /** Stands for the file on demand with their operations, as OpenAPI shows them; undefined where the code holds them. */
  readonly operations: string | undefined
}

/**
 * Every plugin with its manifest. Of a plugin with a domain the function holds that, and its services as data: what starts here was checked whole in
 * this build, from the same files. Any other plugin it holds whole.
 * @param isKept whether the files of the build stay; else the module holds the operations, too, because nothing can be imported later
 */
export async function pluginsModule(plugins: readonly InstalledPlugin[], isKept: boolean): Promise<PluginsModule> {
  const known = await Promise.all(plugins.map(knownPlugin))
  const outlined = plugins.filter((_, i) => known[i]?.outlines !== undefined).map(({ definition }) => definition)
  const manifests = plugins.map(({ name, manifest }) => [name, atRunTime(manifest)])
  const described = JSON.stringify(describeOperations(outlined))
  const file = `(await import('./on-demand/${operationsFile}.ts')).operations`
  const lines = [
    `import { outlinedServices } from '@mmf/framework/http'`,
    ...known.map(({ shared: { file } }, i) => `import * as shared${i} from ${JSON.stringify(file)}`),
    `export const definition = {`,
    `  platformOf: [${known.map(({ shared, outlines }, i) => definitionIn(shared, i, outlines)).join(', ')}],`,
    `  manifests: ${JSON.stringify(Object.fromEntries(manifests))},`,
    `  described: async () => ${isKept ? file : `(${described})`},`,
    `}`,
  ]
  const operations = isKept ? `export const operations = ${described}\n` : undefined
  return { code: `${lines.join('\n')}\n`, operations }
}

function definitionIn({ definition }: Shared, i: number, outlines: readonly ServiceOutline[] | undefined): string {
  const expression = definition.replaceAll('shared.', `shared${i}.`)
  if (outlines === undefined) return expression
  return `{ ...${expression}, services: outlinedServices(${JSON.stringify(outlines)}) }`
}

async function knownPlugin(
  plugin: InstalledPlugin,
): Promise<{ readonly shared: Shared; readonly outlines?: readonly ServiceOutline[] }> {
  if (await saysAllButServices(plugin))
    return { shared: await domainOf(plugin), outlines: plugin.definition.services.map(outlineOf) }
  return { shared: await sharedModule(plugin, plugin.entry.file, plugin.entry.exported) }
}

/** Whether the domain has everything of the definition, and the same, but for the services. */
async function saysAllButServices(plugin: InstalledPlugin): Promise<boolean> {
  const { name, manifest, definition } = plugin
  if (manifest.domain === undefined) return false
  const exported = await exportsOf(within(plugin, 'domain', manifest.domain), plugin, 'domain')
  const [, found] = exported.find(([, value]) => isDefinition(value) && value.name === name) ?? []
  if (!isDefinition(found)) return false
  const { services: _, ...others } = definition
  const domain: Readonly<Record<string, unknown>> = { ...found }
  return Object.entries(others).every(([key, value]) => domain[key] === value)
}

/** Expressions over a module that is imported as `shared`. */
interface Shared {
  readonly file: string
  readonly definition: string
  readonly instance: string
}

async function domainOf(plugin: InstalledPlugin): Promise<Shared> {
  const { domain } = plugin.manifest
  if (domain === undefined) return sharedModule(plugin, plugin.entry.file, plugin.entry.exported)
  const file = within(plugin, 'domain', domain)
  await checkGateway(plugin, file)
  return sharedModule(plugin, file)
}

/** Functions take gateway steps from the domain: steps that only the entry point has would guard nothing. @throws {BuildError} */
async function checkGateway(plugin: InstalledPlugin, file: string): Promise<void> {
  const { name, definition } = plugin
  const [, found] =
    (await exportsOf(file, plugin, 'domain')).find(([, value]) => isDefinition(value) && value.name === name) ?? []
  const inDomain = (found as Partial<PluginDefinition> | undefined)?.gateway ?? []
  const missing = (definition.gateway ?? []).filter(step => !inDomain.includes(step))
  if (found === undefined || missing.length === 0) return
  throw new BuildError(
    `${file} lacks the gateway steps ${missing.map(step => step.name).join(', ')}: what all services share stands there`,
  )
}

/** What a module exports of a plugin: its class, or its definition, with or without services. */
async function sharedModule(plugin: InstalledPlugin, file: string, exported?: string): Promise<Shared> {
  const { name } = plugin
  const exports = (await exportsOf(file, plugin, 'domain')).filter(
    ([key]) => exported === undefined || key === exported,
  )
  const [instance] = exports.find(([, value]) => isPluginClass(value)) ?? []
  const [definition] = exports.find(([, value]) => isDefinition(value) && value.name === name) ?? []
  const asClass = instance === undefined ? 'undefined' : `shared.${instance}`
  if (definition !== undefined) return { file, definition: `shared.${definition}`, instance: asClass }
  if (instance !== undefined) return { file, definition: `new shared.${instance}().definition`, instance: asClass }
  throw new BuildError(`${file} exports nothing of the plugin "${name}": neither its definition nor its class`)
}

async function serviceLines(plugin: InstalledPlugin, service: Service): Promise<readonly string[]> {
  const { manifest, entry } = plugin
  const module = manifest.services?.[service.name]?.module
  if (module === undefined) {
    const { file, definition } = await sharedModule(plugin, entry.file, entry.exported)
    const whole = definition.replaceAll('shared.', 'whole.')
    return [
      `import * as whole from ${JSON.stringify(file)}`,
      `const service = ${whole}.services.find(({ name }) => name === ${JSON.stringify(service.name)})`,
    ]
  }
  const field = `services.${service.name}.module`
  const file = within(plugin, field, module)
  const exported = await exportsOf(file, plugin, field)
  const [name] = exported.find(([, value]) => value === service) ?? []
  if (name === undefined) {
    const names = exported.map(([key]) => key).join(', ') || 'nothing'
    const detail = `${file} does not export the service "${service.name}" that the plugin has; it exports ${names}`
    throw new BuildError(`${placeOf(plugin, field)}: ${field}: ${detail}`)
  }
  return [`import { ${name} as service } from ${JSON.stringify(file)}`]
}

/** `…/plugin.yaml:<line>` of the service that the field is about, or of the field. */
function placeOf({ path }: InstalledPlugin, field: string): string {
  const file = join(path, 'plugin.yaml')
  const [first = '', second = first] = field.split('.')
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex(text => new RegExp(`\\b${second}\\s*:`).test(text))
  return `${file}:${line + 1}`
}

/** A module that a manifest names. @throws {BuildError} for one outside the plugin's folder */
function within(plugin: InstalledPlugin, field: string, module: string): string {
  const file = join(plugin.path, module)
  if (file.startsWith(`${plugin.path}${sep}`)) return file
  throw new BuildError(`${placeOf(plugin, field)}: ${field}: "${module}" is outside ${plugin.path}`)
}

async function exportsOf(
  file: string,
  plugin: InstalledPlugin,
  field: string,
): Promise<readonly (readonly [string, unknown])[]> {
  try {
    return Object.entries(await withDecorators(() => import(pathToFileURL(file).href)))
  } catch (error) {
    const reason = existsSync(file)
      ? `cannot be imported: ${error instanceof Error ? error.message : error}`
      : 'is not there'
    throw new BuildError(`${placeOf(plugin, field)}: ${field}: ${file} ${reason}`)
  }
}

/** In its own function a plugin is alone: what it depends on was checked before anything was built. */
function functionManifest({ manifest }: InstalledPlugin) {
  return { ...atRunTime(manifest), dependencies: {}, optional_dependencies: {} }
}

/** Without what only a build reads, and without what was compared with the code: a function holds the scopes themselves. */
function atRunTime({ domain: _, services: __, resources: ___, permissions, ...manifest }: InstalledPlugin['manifest']) {
  if (permissions === undefined) return manifest
  return { ...manifest, permissions: { ...permissions, tables: {}, keys: [], events: [] } }
}

/** A client for each port that the service uses; every one makes the function larger. */
function clientsOf(service: Service): readonly string[] {
  const { keys, blobs, calls } = scopeOf(service)
  return [
    'dynamodb',
    ...(keys.length > 0 ? ['kms'] : []),
    ...(blobs === undefined ? [] : ['s3']),
    ...(calls.length > 0 ? ['lambda'] : []),
  ]
}

function isPluginClass(value: unknown): boolean {
  return typeof value === 'function' && ['onInitialize', 'onStart', 'onStop'].every(name => name in value.prototype)
}
