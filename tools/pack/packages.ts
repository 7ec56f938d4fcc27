import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError } from '../build/bundle.ts'
import { root } from '../build/paths.ts'
import { type Workspace, workspaceOf } from '../build/workspaces.ts'
import { pluginSchema } from '../generate/plugin-schema.ts'
import { writeCommandLine } from './command-line.ts'
import { type Emitted, emit } from './emit.ts'
import { type PackedFile, publishedManifest } from './manifest.ts'

/** What is published for its exports. The command line is packed beside them: `command-line.ts`. */
export const publishedPackages: readonly Workspace[] = ['@mmf/pki', '@mmf/framework', '@marty/plugin'].map(workspaceOf)

/** `@mmf/pki` → the folder below `dist/packages`. */
const folderOf = (name: string): string => name.replace('@', '').replace('/', '-')

/** Where a file of a workspace stands in its package: below `lib/`, and without `src/` where all entries are there. */
function placing({ folder, entries }: Workspace): (source: string) => string {
  const base = Object.values(entries).every(file => file.startsWith(`${folder}/src/`)) ? `${folder}/src/` : `${folder}/`
  return source => {
    const path = source.startsWith('./') ? join(folder, source) : source
    if (!path.startsWith(base)) throw new BuildError(`${path} is outside of what its package holds: ${base}`)
    return `lib/${path.slice(base.length).replace(/(?<!\.d)\.ts$/, '.js')}`
  }
}

/** The files of one package that the compiler made. @throws {BuildError} when tests would be published */
function filesOf(workspace: Workspace, emitted: Emitted): readonly PackedFile[] {
  const packed = placing(workspace)
  const own = [...emitted].filter(([path]) => path.startsWith(`${workspace.folder}/`))
  const tests = own.filter(([path]) => /\.(test|fixture|bench)\./.test(path))
  if (tests.length > 0) throw new BuildError(`${workspace.name} would hold ${tests.map(([path]) => path).join(', ')}`)
  return own.map(([path, text]) => ({ path: packed(path), text }))
}

async function writePackage(workspace: Workspace, emitted: Emitted, target: string): Promise<void> {
  const packed = placing(workspace)
  const files = filesOf(workspace, emitted)
  const manifest = publishedManifest(workspace, files, packed)
  for (const { path, text } of files) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), text)
  }
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'))
  await cp(join(root, workspace.folder, 'README.md'), join(target, 'README.md'))
  await copyManifestsOfPlugins(workspace, target, packed)
  if (workspace.name === '@mmf/framework') await writeFile(join(target, 'lib/plugin.schema.json'), pluginSchema())
}

/** The `plugin.yaml` beside each plugin module, which discovery reads; its entry point is the compiled one. */
async function copyManifestsOfPlugins(
  { folder, manifest }: Workspace,
  target: string,
  packed: (source: string) => string,
): Promise<void> {
  for (const entry of manifest.mmf?.plugins ?? []) {
    const source = join(root, folder, dirname(entry), 'plugin.yaml')
    if (!existsSync(source)) throw new BuildError(`${source} is missing: ${manifest.name} lists ${entry} as a plugin`)
    const text = (await readFile(source, 'utf8'))
      // The schema stands elsewhere in an installed package.
      .replace(/^# yaml-language-server: .*\n/, '')
      .replace(/^(entry_point: \S+)\.ts$/m, '$1.js')
    await writeFile(join(target, dirname(packed(entry)), 'plugin.yaml'), text)
  }
}

/**
 * Writes every published package below `target`, ready for `npm pack`.
 * @returns package name → its folder
 * @throws {BuildError} with a text for the person who caused it
 */
export async function buildPackages(target: string): Promise<ReadonlyMap<string, string>> {
  const emitted = await emit(publishedPackages)
  await rm(target, { recursive: true, force: true })
  const folders = new Map<string, string>()
  for (const workspace of publishedPackages) {
    const folder = join(target, folderOf(workspace.name))
    await mkdir(folder, { recursive: true })
    await writePackage(workspace, emitted, folder)
    folders.set(workspace.name, folder)
  }
  const commandLine = join(target, folderOf('@mmf/cli'))
  await writeCommandLine(commandLine)
  folders.set('@mmf/cli', commandLine)
  return folders
}
