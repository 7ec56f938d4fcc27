import { realpathSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fixedAtStart } from '../infra/plugins/fixed-at-start.ts'
import type { PluginProblem } from '../infra/plugins/installed-plugins.ts'
import { pluginsHere } from '../infra/plugins/plugins-here.ts'
import type { CodeFault, RebuildAnswer } from '../infra/plugins/rebuild-answer.ts'
import { BuildError } from './build/bundle.ts'
import { buildHandlers, handlerEntries } from './build/handlers.ts'
import { onDemandEntries } from './build/on-demand.ts'
import { artefacts, root } from './build/paths.ts'
import { placeOfFault } from './build/place-of-fault.ts'
import { checkZodUsage } from './build/zod-usage.ts'

/** What `npm start -- --watch` runs after a save: builds the handlers over a layer that is there, and writes what came of it to `answer.json`. */
async function rebuild(out: string, layer: string, running: readonly string[]): Promise<RebuildAnswer> {
  const { plugins, problems } = await pluginsHere({ root, env: process.env })
  const answer = { plugins: Object.fromEntries(plugins.map(plugin => [plugin.name, fixedAtStart(plugin)])) }
  const faults = problems.map(faultOf)
  // What runs goes on as it is when one part of it is broken.
  if (faults.some(({ plugin }) => plugin !== undefined && running.includes(plugin))) return { ...answer, faults }
  const handlers = join(root, 'handlers')
  const entries = handlerEntries(handlers)
  const lazy = onDemandEntries(handlers)
  await mkdir(out, { recursive: true })
  await symlink(layer, join(out, 'layer'))
  try {
    await checkZodUsage([...entries, ...lazy, ...plugins.map(({ entry }) => entry.file)])
    await buildHandlers(entries, artefacts(out).handlers, lazy, plugins)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const [at] = /[^\s:]+\.[cm]?[jt]s:\d+(:\d+)?/.exec(error.message) ?? []
    const owner = plugins.find(({ path }) => at !== undefined && join(root, at).startsWith(`${realpathSync(path)}/`))
    return {
      ...answer,
      faults: [...faults, { plugin: owner?.name, code: 'plugin_failed', message: error.message, at }],
    }
  }
  return { ...answer, faults }
}

function faultOf({ name, source, error }: PluginProblem): CodeFault {
  const { code, message } = error
  return { plugin: name, code, message, at: placeOfFault(error, source, root) }
}

const [out = '', layer = '', ...running] = process.argv.slice(2)
await writeFile(join(out, 'answer.json'), JSON.stringify(await rebuild(out, layer, running)))
