import type { MMFPlugin, PluginDefinition } from '@mmf/framework'
import { createFunctionHandler, type HandlerDefinition } from '@mmf/framework/http'
import type { HandlerModule } from '../../infra/local/functions.ts'
import { pluginsHere } from '../../infra/plugins/plugins-here.ts'
import { loadPluginModule } from '../../layer/framework/src/runtime/discovery/load-plugin-module.ts'
import { root } from '../../tools/build/paths.ts'

const here = await pluginsHere({ root, env: {} })
if (here.problems.length > 0) throw new AggregateError(here.problems.map(({ error }) => error))

export const installed = here.plugins

/** The plugins of this repository, as they are found. */
export const plugins: readonly PluginDefinition[] = installed.map(({ definition }) => definition)

/** The functions of these plugins and the platform's own, from source: what the build makes of the template, without the SDK's clients. */
export async function functionModules(of = installed): Promise<readonly HandlerModule[]> {
  const services = await Promise.all(
    of.map(async ({ definition, entry, manifest }) => {
      const plugin = await loadPluginModule(entry, manifest)
      const instance = plugin.constructor as new () => MMFPlugin
      return definition.services.map(service =>
        moduleOf({ plugin: { ...definition, services: [service] }, services: [service.name], instance }),
      )
    }),
  )
  return [...services.flat(), moduleOf({ platformOf: of.map(({ definition }) => definition) })]
}

/** The function of one service. */
export function functionOf(service: string): HandlerModule {
  const found = ours.find(({ definition }) => 'services' in definition && definition.services.includes(service))
  if (found === undefined) throw new Error(`no plugin has a service ${service}`)
  return found
}

const moduleOf = (definition: HandlerDefinition): HandlerModule => ({
  definition,
  create: platform => createFunctionHandler(definition, platform),
})

const ours = await functionModules()
