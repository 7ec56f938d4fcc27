import { readdirSync, readFileSync } from 'node:fs'
import type { Names } from './plugin-names.ts'

/** Text files, so that what they import is not taken for an import of the command line. */
const folder = new URL('../templates/plugin/', import.meta.url)

interface TemplateFacts {
  readonly frameworkVersion: string
  /** Path of the manifest's JSON Schema, from the folder of the plugin. */
  readonly schema: string
}

/**
 * The files of a new plugin, path → text: one service with one operation, which builds, type-checks, tests, lints, runs and synthesises as it is.
 * @throws {TypeError} for a placeholder that nothing fills
 */
export function pluginTemplate(
  names: Names,
  { frameworkVersion, schema }: TemplateFacts,
): Readonly<Record<string, string>> {
  const range = `^${frameworkVersion.split('.').slice(0, 2).join('.')}`
  const values: Readonly<Record<string, string>> = { ...names, range, schema }
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
      const value = values[key]
      if (value === undefined) throw new TypeError(`nothing fills {{${key}}} of the template`)
      return value
    })
  const files = readdirSync(folder).filter(name => name.endsWith('.txt'))
  return Object.fromEntries(
    files.map(name => [name.slice(0, -'.txt'.length), filled(readFileSync(new URL(name, folder), 'utf8'))]),
  )
}
