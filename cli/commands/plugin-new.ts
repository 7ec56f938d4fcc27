import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { frameworkVersion } from '../../infra/plugins/framework.ts'
import { packageFolder } from '../../infra/plugins/package-folder.ts'
import { isInstalled, productRoot } from '../../infra/plugins/roots.ts'
import { failure } from '../failure.ts'
import type { CommandResult } from '../result.ts'
import { namesOf } from './plugin-names.ts'
import { pluginTemplate } from './plugin-template.ts'

const schemaFile = (): string =>
  isInstalled
    ? join(packageFolder('@mmf/framework'), 'lib/plugin.schema.json')
    : join(productRoot, 'docs/generated/plugin.schema.json')

export interface PluginNewOptions {
  readonly name: string
  /** Default `plugins/NAME` in the current folder. */
  readonly dir?: string
  readonly json: boolean
}

/**
 * `mmf-cli plugin new NAME [--dir FOLDER]`: the files of a plugin that runs as it is. The folder appears when it is whole, and one that is there stays
 * as it is.
 * @throws {Failure} `name_invalid`, `plugin_exists`, `output_unwritable`
 */
export function pluginNew({ name, dir, json }: PluginNewOptions): CommandResult {
  const names = namesOf(name)
  const folder = resolve(dir ?? join('plugins', name))
  if (existsSync(folder)) {
    throw failure('plugin_exists', `${folder} is there already; name a folder that is not, with --dir`)
  }
  const files = Object.entries(pluginTemplate(names, { frameworkVersion, schema: relative(folder, schemaFile()) }))
  try {
    writeWhole(folder, files)
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) throw error
    throw failure('output_unwritable', `${folder} cannot be written (${error.code})`, error)
  }
  const paths = files.map(([path]) => join(folder, path))
  if (json) return { stdout: `${JSON.stringify({ name, folder, files: paths }, undefined, 2)}\n`, exitCode: 0 }
  return { stdout: `${folder}\n${files.map(([path]) => `  ${path}\n`).join('')}`, exitCode: 0 }
}

function writeWhole(folder: string, files: readonly (readonly [path: string, text: string])[]): void {
  mkdirSync(dirname(folder), { recursive: true })
  // Renamed at the end: discovery takes a folder with half a plugin for a broken one.
  const part = mkdtempSync(join(dirname(folder), '.mmf-cli-'))
  try {
    for (const [path, text] of files) writeFileSync(join(part, path), text)
    mkdirSync(folder)
    renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
}
