import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MmfError } from '@mmf/framework'
import { fixedAtStart } from '../infra/plugins/fixed-at-start.ts'
import type { PluginProblem } from '../infra/plugins/installed-plugins.ts'
import { pluginsHere } from '../infra/plugins/plugins-here.ts'
import type { CodeFault, RebuildAnswer } from '../infra/plugins/rebuild-answer.ts'
import { BuildError } from './build/bundle.ts'
import { buildHandlers, handlerEntries } from './build/handlers.ts'
import { onDemandEntries } from './build/on-demand.ts'
import { artefacts, root } from './build/paths.ts'
import { withoutBroken } from './build/without-broken.ts'
import { checkZodUsage } from './build/zod-usage.ts'

/** What `npm start -- --watch` runs after a save: builds the handlers over a layer that is there, and writes what came of it to `answer.json`. */
async function rebuild(out: string, layer: string, running: readonly string[]): Promise<RebuildAnswer> {
  const find = (refused: ReadonlyMap<string, MmfError>) => pluginsHere({ root, env: process.env, refused })
  const { plugins, problems } = await find(new Map())
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
    const { found, leftOut } = await withoutBroken(find, async built => {
      await checkZodUsage([...entries, ...lazy, ...built.plugins.map(({ entry }) => entry.file)])
      await buildHandlers(entries, artefacts(out).handlers, lazy, built.plugins, { isKept: false })
    })
    const broken = new Set(leftOut.map(({ plugin }) => plugin))
    const unbuilt = found.problems.filter(({ name }) => broken.has(name))
    const built = Object.fromEntries(found.plugins.map(plugin => [plugin.name, fixedAtStart(plugin)]))
    return { plugins: built, faults: [...faults, ...unbuilt.map(faultOf)] }
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return { ...answer, faults: [...faults, { code: 'plugin_failed', message: error.message }] }
  }
}

function faultOf({ name, error, at }: PluginProblem): CodeFault {
  const { code, message } = error
  return { plugin: name, code, message, at }
}

const [out = '', layer = '', ...running] = process.argv.slice(2)
await writeFile(join(out, 'answer.json'), JSON.stringify(await rebuild(out, layer, running)))
