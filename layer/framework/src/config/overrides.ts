import { delimiter } from 'node:path'
import { MmfError } from '../errors/mmf-error.ts'
import { mergeTrees, type Tree, treeWith } from './config-tree.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** One environment variable that sets one key of the base configuration or of a plugin. */
export interface Override {
  readonly variable: string
  /** Absent for the base configuration. */
  readonly plugin?: string
  readonly path: readonly string[]
  readonly value: unknown
}

const prefix = 'MMF__'

interface Alias {
  readonly path: readonly string[]
  /** Turns the text of the variable into the value of the setting; without it the text is typed by the schema. */
  readonly read?: (text: string) => unknown
}

/** Variables with a name of their own. Where both are set, the `MMF__…` form of the same setting wins. */
const aliases: Readonly<Record<string, Alias>> = {
  HOST: { path: ['server', 'host'] },
  PORT: { path: ['server', 'port'] },
  MMF_LOG_LEVEL: { path: ['logging', 'level'], read: text => text.trim().toLowerCase() },
  MMF_LOG_LEVELS: { path: ['logging', 'levels'], read: readLevels },
  MARTY_DATA_DIR: { path: ['embedded', 'data_dir'] },
  MMF_PLUGINS_ENABLED: { path: ['plugins', 'enabled'], read: readEnabled },
  MMF_PLUGIN_DISCOVERY_PATHS: { path: ['plugins', 'discovery_paths'], read: text => listOf(text, delimiter) },
}

/**
 * The overrides among the environment variables: the aliases, `MMF__<section>__<key>` for the base configuration and
 * `MMF__plugins__<plugin>__<key>` for a plugin. Empty variables count as not set.
 *
 * `MMF__plugins__<key>` with one name after `plugins` is a setting of the base configuration's own `plugins` section.
 * @throws {MmfError} `config_invalid` for a name with an empty part
 */
export function overridesIn(variables: Variables): readonly Override[] {
  const found: Override[] = []
  for (const [variable, alias] of Object.entries(aliases)) {
    const text = variables[variable]
    if (text === undefined || text === '') continue
    found.push({ variable, path: alias.path, value: alias.read === undefined ? text : alias.read(text) })
  }
  for (const variable of Object.keys(variables).sort()) {
    const value = variables[variable]
    if (!variable.startsWith(prefix) || value === undefined || value === '') continue
    found.push({ variable, value, ...target(variable) })
  }
  return found
}

/** Lays the overrides over a tree, in their order. */
export function applyOverrides(tree: Tree, overrides: readonly Override[]): Tree {
  return overrides.reduce(
    (merged, { variable, path, value }) => mergeTrees(merged, treeWith(path, value, { kind: 'variable', variable })),
    tree,
  )
}

function target(variable: string): Pick<Override, 'plugin' | 'path'> {
  const path = variable.slice(prefix.length).split('__')
  if (path.some(part => part === '')) {
    const reason = `${variable}: write MMF__<section>__<key> or MMF__plugins__<plugin>__<key>`
    throw new MmfError('config_invalid', { detail: reason, errors: [{ path: variable, message: reason }] })
  }
  const [head, plugin, ...rest] = path
  return head === 'plugins' && plugin !== undefined && rest.length > 0 ? { plugin, path: rest } : { path }
}

/** `true` starts every plugin that is found, `false` none; anything else is a list of names. */
function readEnabled(text: string): unknown {
  if (text === 'true') return true
  if (text === 'false') return false
  return listOf(text, ',')
}

/** `framework.plugins=debug,plugins.marty=info`. What has no level is refused by the schema, under its name. */
function readLevels(text: string): Readonly<Record<string, string>> {
  const pairs = listOf(text, ',').map(item => item.split('=', 2).map(part => part.trim()))
  return Object.fromEntries(pairs.map(([namespace = '', level = '']) => [namespace, level.toLowerCase()]))
}

function listOf(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map(item => item.trim())
    .filter(item => item !== '')
}
