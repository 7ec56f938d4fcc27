import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MmfError, type PluginDefinition } from '@mmf/framework'
import type { HandlerModule } from './functions.ts'

/**
 * The built handlers of a folder that serve these plugins, and the platform's own. Those that serve no requests, such as the relay of the outbox, are
 * left out, and so are those of plugins that do not run.
 * @throws {MmfError} `plugin_failed` when a service was not built
 */
export async function loadHandlers(
  folder: string,
  plugins: readonly PluginDefinition[],
  load: (file: string) => Promise<object> = importFile,
): Promise<readonly HandlerModule[]> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.mjs')).sort()
  const built = await Promise.all(files.map(file => load(join(folder, file))))
  const modules = built.filter(
    (module: object): module is HandlerModule => 'definition' in module && 'create' in module,
  )
  const needed = new Set(plugins.flatMap(({ name, services }) => services.map(service => `${name}.${service.name}`)))
  const used = modules.filter(module => servedBy(module).every(service => needed.has(service)))
  const served = new Set(used.flatMap(servedBy))
  const unbuilt = [...needed].filter(service => !served.has(service))
  if (unbuilt.length === 0) return used
  const detail = `${unbuilt.join(', ')}: nothing in ${folder} serves it; run \`npm run build\``
  throw new MmfError('plugin_failed', { detail })
}

const importFile = (file: string): Promise<object> => import(pathToFileURL(file).href)

/** `<plugin>.<service>`; nothing for the platform's own function. */
function servedBy({ definition }: HandlerModule): readonly string[] {
  if ('platformOf' in definition) return []
  return definition.services.map(service => `${definition.plugin.name}.${service}`)
}
