import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { operationsOf } from '@mmf/framework'
import type { FunctionHandler, HandlerDefinition, PlatformFactory } from '@mmf/framework/http'

/** What every file in `handlers/` exports. */
interface HandlerModule {
  readonly definition: HandlerDefinition
  readonly create: (platform: PlatformFactory) => FunctionHandler
}

export interface LocalFunctions {
  /** The function that serves this path; the platform function for a path that none has. */
  readonly handlerFor: (method: string, path: string) => FunctionHandler
  readonly names: readonly string[]
  /** Boots every function. @throws what a boot throws */
  boot(): Promise<void>
}

/** Loads the built handlers, each over the same platform, and routes by the paths that their plugins declare. */
export async function loadFunctions(folder: string, platform: PlatformFactory): Promise<LocalFunctions> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.mjs')).sort()
  const loaded = await Promise.all(
    files.map(async file => {
      const module = (await import(pathToFileURL(join(folder, file)).href)) as HandlerModule
      return { definition: module.definition, handler: module.create(platform) }
    }),
  )
  const fallback = loaded.find(({ definition }) => 'platformOf' in definition)
  if (fallback === undefined) throw new Error(`no platform function in ${folder}`)
  const routes = loaded.flatMap(({ definition, handler }) => pathsOf(definition).map(path => ({ path, handler })))
  return {
    names: files.map(file => file.slice(0, -'.mjs'.length)),
    handlerFor: (_method, path) => routes.find(route => route.path.test(path))?.handler ?? fallback.handler,
    async boot() {
      await Promise.all(loaded.map(({ handler }) => handler.boot()))
    },
  }
}

function pathsOf(definition: HandlerDefinition): RegExp[] {
  if ('platformOf' in definition) return []
  return operationsOf(definition.plugin)
    .filter(operation => definition.services.includes(operation.service))
    .flatMap(operation => (operation.http === undefined ? [] : [pattern(operation.http.path)]))
}

const pattern = (path: string) => new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{[^}]*\}/g, '[^/]+')}$`)
