import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { MmfError } from '@mmf/framework'
import type { InstalledPlugin, InstalledPlugins } from '../../infra/plugins/installed-plugins.ts'
import { type LeftOut, refusals } from '../../infra/plugins/left-out.ts'
import { authorRoot } from '../../infra/plugins/roots.ts'
import { BuildError } from './bundle.ts'
import { serviceModules } from './service-modules.ts'
import { checkZodUsage } from './zod-usage.ts'

interface Built<T> {
  readonly found: InstalledPlugins
  readonly result: T
  readonly leftOut: readonly LeftOut[]
}

/**
 * Builds what can be built: a plugin of which no functions can be made is left out, with those that need it, and the work begins anew without it.
 * @param find what is there when these plugins are refused
 * @throws what the work throws where no plugin is to blame
 */
export async function withoutBroken<T>(
  find: (refused: ReadonlyMap<string, MmfError>) => Promise<InstalledPlugins>,
  work: (found: InstalledPlugins, leftOut: readonly LeftOut[]) => Promise<T>,
): Promise<Built<T>> {
  const leftOut: LeftOut[] = []
  for (;;) {
    const found = await find(refusals(leftOut))
    try {
      // Before the layer and all functions are bundled: what one plugin gets wrong is seen in a fraction of that time.
      await serviceModules(found.plugins)
      await checkZodUsage(found.plugins.map(({ entry }) => entry.file))
      return { found, result: await work(found, leftOut), leftOut }
    } catch (error) {
      const faults = error instanceof BuildError ? faultsOf(error, found.plugins) : []
      if (faults.length === 0) throw error
      leftOut.push(...faults)
    }
  }
}

/** Whose files the build names, and what it says of each. */
function faultsOf(error: BuildError, plugins: readonly InstalledPlugin[]): readonly LeftOut[] {
  const reasons = new Map<string, string[]>()
  let owner: string | undefined
  for (const line of error.message.split('\n')) {
    const [, file = ''] = /([^\s:"'`]+\.(?:[cm]?[jt]s|yaml))\b/.exec(line) ?? []
    const path = resolve(authorRoot(), file)
    const named = plugins.find(plugin =>
      [plugin.path, realpathSync(plugin.path)].some(folder => path.startsWith(`${folder}/`)),
    )
    // A line that names no file belongs to the one before it.
    owner = named?.name ?? owner
    if (owner === undefined) continue
    reasons.set(owner, [...(reasons.get(owner) ?? []), named === undefined ? line : line.replaceAll(file, path)])
  }
  return [...reasons].map(([plugin, lines]) => ({ plugin, reason: lines.join('\n') }))
}
