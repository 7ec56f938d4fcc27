import type { InstalledPlugins } from '../../infra/plugins/installed-plugins.ts'
import { failure } from '../failure.ts'
import { failureOf } from '../mmf-failure.ts'
import type { CommandResult } from '../result.ts'
import { columns } from './config.ts'

interface Options {
  readonly found: InstalledPlugins
  readonly json: boolean
}

/**
 * `mmf-cli plugin info NAME`: what a plugin that can run says of itself.
 * @throws {Failure} `plugin_not_found`; for one that is refused, its own code
 */
export function pluginInfo({ found, json, name }: Options & { readonly name: string }): CommandResult {
  const plugin = found.plugins.find(({ name: known }) => known === name)
  if (plugin === undefined) throw notReady(found, name)
  const { manifest, definition, path, entry } = plugin
  const info = {
    name,
    version: manifest.version,
    description: manifest.description,
    path,
    entry: entry.file,
    mmfVersion: manifest.mmf_version,
    nodeVersion: manifest.node_version,
    dependencies: manifest.dependencies,
    optionalDependencies: manifest.optional_dependencies,
    roles: (definition.roles ?? []).map(role => role.name),
    permissions: (definition.permissions ?? []).map(permission => permission.name),
    services: definition.services.map(service => ({
      name: service.name,
      description: service.description,
      operations: Object.values(service.operations).map(operation => operation.name),
    })),
  }
  if (json) return { stdout: `${JSON.stringify(info, undefined, 2)}\n`, exitCode: 0 }
  const { services, ...facts } = info
  const rows = Object.entries(facts).map(([fact, value]) => [fact, inWords(value)])
  const operations = services.map(service => [`  ${service.name}`, service.operations.join(', ')])
  return { stdout: `${columns(rows)}services\n${columns(operations)}`, exitCode: 0 }
}

/** `mmf-cli plugin graph`: the plugins that can run in the order in which they start, with what each needs. */
export function pluginGraph({ found, json }: Options): CommandResult {
  const nodes = found.plugins.map(({ name, manifest }) => ({
    name,
    dependencies: manifest.dependencies,
    optionalDependencies: manifest.optional_dependencies,
  }))
  if (json) return { stdout: `${JSON.stringify(nodes, undefined, 2)}\n`, exitCode: 0 }
  const lines = nodes.flatMap(({ name, dependencies, optionalDependencies }) => [
    `${name}\n`,
    ...Object.entries(dependencies).map(([other, range]) => `  needs ${other} ${range}\n`),
    ...Object.entries(optionalDependencies).map(([other, range]) => `  can use ${other} ${range}\n`),
  ])
  return { stdout: lines.join(''), exitCode: 0 }
}

function notReady({ plugins, problems, disabled }: InstalledPlugins, name: string): unknown {
  const refused = problems.find(problem => problem.name === name)
  if (refused !== undefined) return failureOf(refused.error)
  if (disabled.includes(name)) return failure('plugin_disabled', `${name} is switched off; \`plugin list\` shows it`)
  const known = [...plugins, ...problems].map(plugin => plugin.name)
  return failure('plugin_not_found', `no plugin is called "${name}"; there is ${known.join(', ') || 'none'}`)
}

function inWords(value: string | readonly string[] | Readonly<Record<string, string>>): string {
  if (typeof value === 'string') return value
  const listed = Array.isArray(value)
    ? value.join(', ')
    : Object.entries(value)
        .map(([name, range]) => `${name} ${range}`)
        .join(', ')
  return listed === '' ? 'none' : listed
}
