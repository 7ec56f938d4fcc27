import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DirectoryPluginDiscoverer, PackagePluginDiscoverer } from '@mmf/framework'
import { type Finding, ok } from './finding.ts'

/** Each place that is searched, in its order, and what it holds. Places that cannot be searched are found as problems of plugins. */
export async function checkDiscovery(root: string, paths: readonly string[]): Promise<readonly Finding[]> {
  const folders = paths.map(path => resolve(root, path)).filter(path => existsSync(path))
  const modules = resolve(root, 'node_modules')
  const places = [
    ...folders.map(place => ({ place, discoverer: new DirectoryPluginDiscoverer([place]) })),
    { place: `the packages in ${modules}`, discoverer: new PackagePluginDiscoverer([modules]) },
  ]
  const owners = new Map<string, string>()
  const findings: Finding[] = []
  for (const { place, discoverer } of places) {
    const { plugins, problems } = await discoverer.discover()
    const names = plugins.map(({ name }) => name)
    const broken = problems.length === 0 ? '' : `; ${problems.length} more cannot be read`
    findings.push(ok('discovery', `${place}: ${names.join(', ') || 'no plugin'}${broken}`))
    for (const { name, path } of plugins) {
      const first = owners.get(name)
      // An installed package may be a link to the very folder that was found before.
      if (first === undefined) owners.set(name, path)
      else if (!isSame(first, path)) findings.push(shadowed(name, path, first))
    }
  }
  return [...findings, ...folders.flatMap(withoutManifest)]
}

const isSame = (one: string, other: string): boolean => realPath(one) === realPath(other)
const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

const shadowed = (plugin: string, path: string, first: string): Finding => ({
  level: 'warning',
  about: 'discovery',
  plugin,
  at: join(path, 'plugin.yaml'),
  message: `${plugin} is there twice; the one in ${first} runs, as it is found first`,
  remedy: 'remove one of the two, or give it another name',
})

/** Sub-folders with the code of a plugin and no manifest: discovery takes them for something else. */
function withoutManifest(folder: string): readonly Finding[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return names.flatMap(({ name }) => {
    const has = (file: string) => existsSync(join(folder, name, file))
    if (has('plugin.yaml') || !(has('plugin.ts') || has('plugin.js'))) return []
    return [
      {
        level: 'warning',
        about: 'discovery',
        at: join(folder, name),
        message: `${name} has code of a plugin and no plugin.yaml; it is not one of the plugins`,
        remedy: 'write a plugin.yaml beside the code, or move the folder away',
      },
    ]
  })
}
