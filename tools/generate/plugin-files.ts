import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isScalar, parseDocument, stringify } from 'yaml'
import { isDefinition } from '../../infra/plugins/is-definition.ts'
import { withDecorators } from '../../infra/plugins/lower-decorators.ts'
import { root } from '../build/paths.ts'
import type { Workspace } from '../build/workspaces.ts'

/** What the domain of a plugin says, and its manifest and its package repeat for those who do not run it. */
export interface PluginFacts {
  readonly name: string
  readonly version: string
  readonly description: string
}

/** What the modules say that the packages of this repository name as plugins, whatever their manifests say. */
export async function definitionsIn(workspaces: readonly Workspace[]): Promise<readonly PluginFacts[]> {
  const files = workspaces.flatMap(({ folder, manifest }) =>
    (manifest.mmf?.plugins ?? []).map(module => join(root, folder, module)),
  )
  const modules = await withDecorators(() => Promise.all(files.map(file => import(pathToFileURL(file).href))))
  return modules.flatMap(module => Object.values(module).filter(isDefinition))
}

const derived = ['version', 'description'] as const

/**
 * `plugin.yaml` and, where a package holds one plugin, its `package.json`, with the version and the description of the plugin. All other text
 * stays as it is.
 * @returns file relative to the root → text
 * @throws {Error} when a manifest names a plugin that is not deployed, or a file lacks a field
 */
export function pluginFiles(
  workspaces: readonly Workspace[],
  plugins: readonly PluginFacts[],
): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const { folder, manifest } of workspaces) {
    const modules = manifest.mmf?.plugins ?? []
    for (const module of modules) {
      const yaml = join(folder, dirname(module), 'plugin.yaml')
      const text = readFileSync(join(root, yaml), 'utf8')
      const name: unknown = parseDocument(text).get('name')
      const plugin = plugins.find(one => one.name === name)
      if (plugin === undefined) throw new Error(`${yaml}: no plugin that was found is called ${name}`)
      files[yaml] = withFactsInYaml(text, plugin)
      if (modules.length > 1) continue
      const json = join(folder, 'package.json')
      files[json] = withFactsInJson(readFileSync(join(root, json), 'utf8'), plugin)
    }
  }
  return files
}

/** @throws {Error} when a field is missing or no plain value */
export function withFactsInYaml(text: string, facts: PluginFacts): string {
  return derived.reduce((before, field) => {
    const node = parseDocument(before).get(field, true)
    if (!isScalar(node) || !node.range) throw new Error(`plugin.yaml has no ${field}`)
    if (node.value === facts[field]) return before
    const [start, end] = node.range
    const value = facts[field]
    // A version is plain where YAML allows it. Any other text is a JSON string, which YAML reads as one (YAML 1.2.2 §1.3).
    const written = /^[\w.+-]+$/.test(value) ? stringify(value).trimEnd() : JSON.stringify(value)
    return before.slice(0, start) + written + before.slice(end)
  }, text)
}

/** Of a `package.json` as npm writes it: a member a line, indented by two. @throws {Error} when a member is missing */
export function withFactsInJson(text: string, facts: PluginFacts): string {
  return derived.reduce((before, field) => {
    const member = new RegExp(`^ {2}"${field}": "(?:[^"\\\\]|\\\\.)*"`, 'm')
    if (!member.test(before)) throw new Error(`package.json has no ${field}`)
    return before.replace(member, () => `  "${field}": ${JSON.stringify(facts[field])}`)
  }, text)
}
