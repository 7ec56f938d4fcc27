import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Service } from '@mmf/framework'
import { scopeOf } from '@mmf/framework/internal'
import { functionFile } from '../../infra/plugins/function-file.ts'
import type { InstalledPlugin } from '../../infra/plugins/installed-plugins.ts'
import { isDefinition } from '../../infra/plugins/is-definition.ts'
import { withDecorators } from '../../infra/plugins/lower-decorators.ts'
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
    ...(await serviceLines(plugin, service, domain.definition)),
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

/** The module that stands for `./built/plugins.js` in the platform's own function: every plugin whole, with its manifest. */
export async function pluginsModule(plugins: readonly InstalledPlugin[]): Promise<string> {
  const whole = await Promise.all(plugins.map(plugin => sharedModule(plugin, plugin.entry.file, plugin.entry.exported)))
  const manifests = plugins.map(({ name, manifest }) => [name, atRunTime(manifest)])
  const lines = [
    ...whole.map(({ file }, index) => `import * as shared${index} from ${JSON.stringify(file)}`),
    `export const definition = {`,
    `  platformOf: [${whole.map(({ definition }, i) => definition.replaceAll('shared.', `shared${i}.`)).join(', ')}],`,
    `  manifests: ${JSON.stringify(Object.fromEntries(manifests))},`,
    `}`,
  ]
  return `${lines.join('\n')}\n`
}

/** Expressions over a module that is imported as `shared`. */
interface Shared {
  readonly file: string
  readonly definition: string
  readonly instance: string
}

function domainOf(plugin: InstalledPlugin): Promise<Shared> {
  const { domain } = plugin.manifest
  if (domain === undefined) return sharedModule(plugin, plugin.entry.file, plugin.entry.exported)
  return sharedModule(plugin, join(plugin.path, domain))
}

/** What a module exports of a plugin: its class, or its definition, with or without services. */
async function sharedModule({ name }: InstalledPlugin, file: string, exported?: string): Promise<Shared> {
  const exports = (await exportsOf(file)).filter(([key]) => exported === undefined || key === exported)
  const [instance] = exports.find(([, value]) => isPluginClass(value)) ?? []
  const [definition] = exports.find(([, value]) => isDefinition(value) && value.name === name) ?? []
  const asClass = instance === undefined ? 'undefined' : `shared.${instance}`
  if (definition !== undefined) return { file, definition: `shared.${definition}`, instance: asClass }
  if (instance !== undefined) return { file, definition: `new shared.${instance}().definition`, instance: asClass }
  throw new BuildError(`${file} exports nothing of the plugin "${name}": neither its definition nor its class`)
}

async function serviceLines(
  { manifest, path }: InstalledPlugin,
  service: Service,
  definition: string,
): Promise<readonly string[]> {
  const module = manifest.services?.[service.name]?.module
  if (module === undefined) {
    return [`const service = ${definition}.services.find(({ name }) => name === ${JSON.stringify(service.name)})`]
  }
  const file = join(path, module)
  const [name] = (await exportsOf(file)).find(([, value]) => value === service) ?? []
  if (name === undefined) throw new BuildError(`${file} does not export the service "${service.name}"`)
  return [`import { ${name} as service } from ${JSON.stringify(file)}`]
}

async function exportsOf(file: string): Promise<readonly (readonly [string, unknown])[]> {
  return Object.entries(await withDecorators(() => import(pathToFileURL(file).href)))
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
