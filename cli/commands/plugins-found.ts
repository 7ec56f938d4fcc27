import type { InstalledPlugin, InstalledPlugins, PluginProblem } from '../../infra/plugins/installed-plugins.ts'
import { type Colours, plain } from '../colours.ts'
import type { CommandResult } from '../result.ts'
import { columns } from './config.ts'

interface Options {
  readonly found: InstalledPlugins
  readonly json: boolean
  readonly colours?: Colours
}

interface ListedPlugin {
  readonly name: string
  readonly state: 'ready' | 'refused' | 'disabled'
  readonly version?: string
  readonly services?: readonly string[]
  /** Why it is refused. */
  readonly code?: string
  readonly path?: string
}

interface CheckedPlugin {
  readonly name: string
  readonly valid: boolean
  readonly path: string
  readonly code?: string
  /** Where the mistake is: `<file>:<line>`. */
  readonly at?: string | undefined
  readonly errors?: readonly string[]
}

/** `mmf-cli plugin list`: every plugin that discovery finds, and whether it runs. */
export function pluginList({ found, json }: Options): CommandResult {
  const rows: readonly ListedPlugin[] = [
    ...found.plugins.map(plugin => ({
      name: plugin.name,
      state: 'ready' as const,
      version: plugin.manifest.version,
      services: servicesOf(plugin),
      path: plugin.path,
    })),
    ...found.problems.map(({ name, source, error }) => ({
      name,
      state: 'refused' as const,
      code: error.code,
      path: source,
    })),
    ...found.disabled.map(name => ({ name, state: 'disabled' as const })),
  ]
  if (json) return { stdout: text(rows), exitCode: 0 }
  const cells = rows.map(({ name, state, version, code, services = [] }) => [
    name,
    state,
    version ?? code ?? '',
    services.join(', '),
  ])
  return { stdout: columns(cells), exitCode: 0 }
}

/** `mmf-cli plugin validate`: what keeps plugins from running, all of it at once. Exit code 1 where there is something. */
export function pluginValidate({ found, json, colours = plain }: Options): CommandResult {
  const exitCode = found.problems.length === 0 ? 0 : 1
  const report: readonly CheckedPlugin[] = [
    ...found.plugins.map(({ name, path }) => ({ name, valid: true, path })),
    ...found.problems.map(problem => ({
      name: problem.name,
      valid: false,
      path: problem.source,
      code: problem.error.code,
      at: problem.at,
      errors: messagesOf(problem),
    })),
  ]
  if (json) return { stdout: text(report), exitCode }
  const { paint } = colours
  const lines = report.map(({ name, valid, path, at = path, code, errors = [] }) => {
    if (valid) return `${paint('green', 'valid  ')}  ${name}\n`
    return `${paint('red', 'INVALID')}  ${name}, ${at}\n${errors.map(message => `  ${code}: ${message}\n`).join('')}`
  })
  return { stdout: lines.join(''), exitCode }
}

/** `mmf-cli routes`: the routes of the plugins that can run, by path. */
export function routes({ found, json }: Options): CommandResult {
  const rows = found.plugins
    .flatMap(({ name, definition }) =>
      definition.services.flatMap(service =>
        Object.values(service.operations).flatMap(({ name: operation, http }) =>
          http === undefined
            ? []
            : [{ method: http.method, path: http.path, plugin: name, service: service.name, operation }],
        ),
      ),
    )
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1))
  if (json) return { stdout: text(rows), exitCode: 0 }
  const cells = rows.map(({ method, path, plugin, service, operation }) => [
    method,
    path,
    `${plugin}.${service}.${operation}`,
  ])
  return { stdout: columns(cells), exitCode: 0 }
}

const servicesOf = ({ definition }: InstalledPlugin): readonly string[] => definition.services.map(({ name }) => name)

/** The findings of an error where it has some: each names its field, and its file and line where there is one. */
export function messagesOf({ error }: PluginProblem): readonly string[] {
  if (error.errors.length === 0) return [error.detail ?? error.message]
  return error.errors.map(({ path, message }) =>
    path === '' || message.startsWith(path) || path === 'entry_point' ? message : `${path}: ${message}`,
  )
}

const text = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
