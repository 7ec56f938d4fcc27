import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { isMmfError, type MmfError } from '@mmf/framework'
import { stop } from 'esbuild'
import { buildFolder } from '../infra/plugins/build-folder.ts'
import { configFolder } from '../infra/plugins/config-folder.ts'
import type { InstalledPlugin, InstalledPlugins } from '../infra/plugins/installed-plugins.ts'
import { type LeftOut, leftOutFile } from '../infra/plugins/left-out.ts'
import { pluginsHere } from '../infra/plugins/plugins-here.ts'
import { authorRoot, productRoot } from '../infra/plugins/roots.ts'
import { told } from '../infra/plugins/told.ts'
import { BuildError } from './build/bundle.ts'
import { compileConfig } from './build/config.ts'
import { buildHandlers, handlerEntries } from './build/handlers.ts'
import { buildLayer } from './build/layer.ts'
import { layerPackages } from './build/layer-packages.ts'
import { type BuildMeta, mergeMetafiles } from './build/meta.ts'
import { onDemandEntries } from './build/on-demand.ts'
import { artefacts } from './build/paths.ts'
import { withoutBroken } from './build/without-broken.ts'
import { checkZodUsage } from './build/zod-usage.ts'

export interface BuildTarget {
  /** Output folder; replaced as a whole. */
  readonly out: string
  /** Folder with the platform's own functions, and the template of those of services. */
  readonly handlers: string
  /** Folder of the configuration, which travels compiled in the layer, as /opt/config. */
  readonly config: string
  /** The plugins whose services become functions. Default none. */
  readonly plugins?: readonly InstalledPlugin[]
  /** Those that were left out because no functions can be made of them. Default none. */
  readonly leftOut?: readonly LeftOut[]
  /** Names of all that cannot run. Default none. */
  readonly unfit?: readonly string[]
}

/**
 * The one build: what `npm start`, the tests and CDK use. The new output replaces the old one at once, so that no process reads half of it.
 * @throws {BuildError} with a text for the person who caused it; the old output is then untouched
 */
export async function build({
  out,
  handlers,
  config,
  plugins = [],
  leftOut = [],
  unfit = [],
}: BuildTarget): Promise<BuildMeta> {
  const temporary = join(authorRoot(), '.tmp')
  await mkdir(temporary, { recursive: true })
  const staging = await mkdtemp(join(temporary, 'dist-'))
  const at = artefacts(staging)
  try {
    const entries = handlerEntries(handlers)
    const lazy = onDemandEntries(handlers)
    const sources = layerPackages.flatMap(pkg => pkg.sources)
    const parts = [
      buildLayer(at.modules),
      buildHandlers(entries, at.handlers, lazy, plugins),
      checkZodUsage([...sources, ...entries, ...lazy, ...plugins.map(({ entry }) => entry.file)]),
    ] as const
    // A failure waits for the others, which would go on writing into what is being removed.
    await Promise.allSettled(parts)
    const [layer, bundles] = await Promise.all(parts)
    await compileConfig(config, join(at.layer, 'config'), unfit)
    const meta = { layer: mergeMetafiles(layer, staging), handlers: mergeMetafiles([bundles], staging) }
    await writeFile(join(staging, leftOutFile), `${JSON.stringify(leftOut)}\n`)
    await writeFile(at.meta, `${JSON.stringify(meta)}\n`)
    // A temporary folder is its maker's only, and what was built holds nothing secret: another user may run it.
    await chmod(staging, 0o755)
    await rm(out, { recursive: true, force: true })
    await rename(staging, out)
    return meta
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

export interface RunBuildOptions {
  /** Whether a plugin that cannot run is left out, and the others are built. Default false: then it stops the build. */
  readonly withoutBroken?: boolean
}

/**
 * Builds the layer and the functions of every plugin that is found here.
 * @throws {BuildError} naming each plugin that cannot run, unless `withoutBroken`
 */
export async function buildHere({ withoutBroken: leavesOut = false }: RunBuildOptions = {}): Promise<{
  readonly out: string
  readonly meta: BuildMeta
  readonly leftOut: readonly LeftOut[]
}> {
  const root = authorRoot()
  const out = buildFolder(root, process.env)
  const config = resolve(root, configFolder(root, process.env))
  const find = (refused?: ReadonlyMap<string, MmfError>) =>
    pluginsHere({ root, env: process.env, configDir: config, refused })
  const make = ({ plugins, problems }: InstalledPlugins, leftOut: readonly LeftOut[] = []) => {
    const unfit = problems.map(({ name }) => name)
    return build({ out, handlers: join(productRoot, 'handlers'), config, plugins, leftOut, unfit })
  }
  if (leavesOut) {
    const { result, leftOut } = await withoutBroken(find, make)
    return { out, meta: result, leftOut }
  }
  const found = await find()
  if (found.problems.length > 0) throw new BuildError(told(found.problems))
  return { out, meta: await make(found), leftOut: [] }
}

/** `npm run build`: builds into `dist/` and says how it went. @returns whether it succeeded */
export async function runBuild(options: RunBuildOptions = {}): Promise<boolean> {
  const started = performance.now()
  try {
    const { out, meta, leftOut } = await buildHere(options)
    for (const { plugin, reason } of leftOut) console.error(`left out: plugin ${plugin} cannot be built: ${reason}`)
    const functions = Object.keys(meta.handlers.outputs).filter(file => /^handlers\/[^/]+\.mjs$/.test(file)).length
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.error(
      `built the layer and ${functions} functions into ${relative(process.cwd(), out) || out} in ${seconds} s`,
    )
    return true
  } catch (error) {
    const message = error instanceof BuildError || isMmfError(error) ? error.message : refusedBySystem(error)
    if (message === undefined) throw error
    console.error(message)
    return false
  }
}

/** The build of a start: a plugin that is broken is left out, as it is shown in /health and the others serve. @returns whether it succeeded */
export async function buildForStart(): Promise<boolean> {
  const built = await runBuild({ withoutBroken: true })
  // Else the process of the bundler stays as long as the platform runs.
  await stop()
  return built
}

/** A folder that belongs to another user, a disk that is full or cannot be written. */
function refusedBySystem(error: unknown): string | undefined {
  const { code = '', message, syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined || !['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'].includes(code))
    return undefined
  return `${message}: nothing can be built in ${authorRoot()}; it needs a folder that this user can write, and room on its disk`
}

if (import.meta.main && !(await runBuild())) process.exitCode = 1
