import type * as z from 'zod'
import type { Tree } from './config-tree.ts'
import { type ExpandSources, expandSettings } from './expand.ts'
import { type ExplainedSetting, explainSettings } from './explain.ts'
import { isPlainMap } from './plain-map.ts'
import { isSecret } from './secret.ts'
import { validateSettings } from './validate-settings.ts'

/** One resolved configuration: frozen settings, and where each comes from. */
export interface ConfigSet<Config = unknown> {
  readonly config: Config
  readonly explained: readonly ExplainedSetting[]
}

/**
 * Expands, validates and freezes the settings of a tree.
 * @throws {MmfError} `config_invalid`
 */
export async function resolveConfigSet<Schema extends z.ZodType>(
  schema: Schema,
  tree: Tree,
  sources: ExpandSources,
): Promise<ConfigSet<z.output<Schema>>> {
  const expanded = await expandSettings(tree, sources)
  const config = deepFreeze(validateSettings(schema, expanded, tree))
  return { config, explained: explainSettings(config, tree, expanded.references) }
}

/** The settings whose values differ, dotted, as deep as maps go; `(all)` where one of the two is no map. */
export function changedSettings(a: unknown, b: unknown, path: readonly string[] = []): readonly string[] {
  if (!isPlainMap(a) || !isPlainMap(b)) return sameSettings(a, b) ? [] : [path.join('.') || '(all)']
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap(key => changedSettings(a[key], b[key], [...path, key]))
}

/** Whether two configurations hold the same values; secrets are compared by what they hide. */
function sameSettings(a: unknown, b: unknown): boolean {
  if (isSecret(a) && isSecret(b)) return a.reveal() === b.reveal()
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameSettings(item, b[index]))
  }
  if (!isPlainMap(a) || !isPlainMap(b)) return Object.is(a, b)
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && sameSettings(a[key], b[key]))
  )
}

function deepFreeze<T>(value: T): T {
  if (Array.isArray(value) || isPlainMap(value)) {
    for (const child of Object.values(value)) deepFreeze(child)
    Object.freeze(value)
  }
  return value
}
