import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isMmfError, type Logger, type PluginDefinition } from '@mmf/framework'
import { fixedAtStart } from '../../plugins/fixed-at-start.ts'
import type { InstalledPlugin } from '../../plugins/installed-plugins.ts'
import type { CodeFault } from '../../plugins/rebuild-answer.ts'
import type { HandlerModule } from '../functions.ts'
import { loadHandlers } from '../load-handlers.ts'
import type { LocalRunner } from '../start-local.ts'
import { codeState } from './code-state.ts'
import { loadedBuild } from './kept-modules.ts'
import { needsRestart } from './needs-restart.ts'
import { ownFolder } from './own-folder.ts'
import { rebuild } from './rebuild.ts'
import { watchTree } from './watch-tree.ts'

export interface WatchOptions {
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  /** Where the build lies that runs at the start. */
  readonly built: string
  readonly plugins: readonly InstalledPlugin[]
  /** Folders in which plugins are found; relative ones count from `root`. */
  readonly discoveryPaths: readonly string[]
}

export interface PluginWatch {
  readonly modules: readonly HandlerModule[]
  readonly codeStatus: ReturnType<typeof codeState>['status']
  /** Swaps saved code in from now on. */
  start(local: Pick<LocalRunner, 'replace'>, logger: Logger): void
  /** Ends a rebuild that is at work, and removes what was built. */
  stop(): Promise<void>
}

/** Quiet after the last change of a burst, in milliseconds: an editor or a formatter has ended then. */
const settleMs = 150

/**
 * Code of plugins that takes effect when it is saved. It is built beside the code that runs, and loaded; what is new answers from then on, and what
 * was replaced ends what it has begun and is stopped. Code that cannot run, or that needs a start, changes nothing.
 * @throws like `loadHandlers`
 */
export async function watchPlugins(options: WatchOptions): Promise<PluginWatch> {
  const { root, env, built, plugins, discoveryPaths } = options
  const running = Object.fromEntries(plugins.map(plugin => [plugin.name, fixedAtStart(plugin)]))
  const state = codeState(() => new Date().toISOString())
  const stopping = new AbortController()
  let current = loadedBuild()
  const modules = await loadHandlers(
    join(built, 'handlers'),
    plugins.map(({ definition }) => definition),
    current.load,
  )
  const folder = ownFolder(join(root, '.tmp'))
  // A stop by a second signal, or a start that fails, leaves nothing either.
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)

  async function takeOver(local: Pick<LocalRunner, 'replace'>, logger: Logger): Promise<void> {
    const out = mkdtempSync(join(folder, 'build-'))
    const refuse = (fault: CodeFault) => {
      state.refused(fault)
      const { plugin, code, at, message } = fault
      logger.error('saved code refused; the code before it goes on', { plugin, code, at, reason: message })
    }
    try {
      const answer = await rebuild({
        root,
        env,
        out,
        layer: resolve(built, 'layer'),
        running: Object.keys(running),
        signal: stopping.signal,
      })
      const fault = answer.faults.find(({ plugin }) => plugin === undefined || plugin in running)
      if (fault !== undefined) return refuse(fault)
      const reasons = needsRestart(running, answer.plugins)
      if (reasons.length > 0) {
        state.restart(reasons)
        return logger.warn(`restart needed because ${reasons.join(', ')}; the code before it goes on`, { reasons })
      }
      const next = loadedBuild(current)
      const retire = (some: ReturnType<typeof next.notIn>) => {
        for (const module of some)
          module.retire().catch((error: unknown) => logger.error('what was replaced did not stop', { error }))
      }
      try {
        const fresh = await loadHandlers(join(out, 'handlers'), await definitionsOf(out, next.load), next.load)
        await local.replace(fresh)
      } catch (error) {
        retire(next.notIn(current))
        return refuse({
          code: isMmfError(error) ? error.code : 'plugin_failed',
          message: error instanceof Error ? error.message : String(error),
        })
      }
      const [gone, come] = [current.notIn(next), next.notIn(current)]
      current = next
      retire(gone)
      const wasCurrent = state.isCurrent()
      if (come.length > 0 || gone.length > 0 || !wasCurrent) state.swapped()
      if (come.length > 0 || gone.length > 0) logger.info('saved code serves', { functions: come.map(nameOf) })
      else if (!wasCurrent) logger.info('saved code is as before')
    } catch (error) {
      if (!stopping.signal.aborted) refuse({ code: 'plugin_failed', message: String(error) })
    } finally {
      // What was loaded is in memory.
      await rm(out, { recursive: true, force: true })
    }
  }

  let watching: { close(): void } | undefined
  let working: Promise<void> | undefined
  let again = false
  return {
    modules,
    codeStatus: state.status,
    start(local, logger) {
      const told = logger.child({}, 'framework.plugins')
      const work = async () => {
        do {
          again = false
          await takeOver(local, told)
        } while (again && !stopping.signal.aborted)
        working = undefined
      }
      const changed = () => {
        again = true
        working ??= work()
      }
      // An installed plugin may be a link into a folder that is watched anyway.
      const named = [...discoveryPaths.map(path => resolve(root, path)), ...plugins.map(({ path }) => path)]
      const real = new Set(named.filter(path => existsSync(path)).map(path => realpathSync(path)))
      const folders = [...real].filter(path => ![...real].some(other => path.startsWith(`${other}/`)))
      watching = watchTree(folders, settleMs, changed)
      told.info('code of plugins is watched', { folders })
    },
    async stop() {
      watching?.close()
      stopping.abort()
      await working
      process.off('exit', remove)
      remove()
    },
  }
}

/** The platform's own function knows all plugins. */
async function definitionsOf(
  out: string,
  load: (file: string) => Promise<object>,
): Promise<readonly PluginDefinition[]> {
  const { definition } = (await load(join(out, 'handlers/platform.mjs'))) as HandlerModule
  return 'platformOf' in definition ? definition.platformOf : []
}

const nameOf = ({ definition }: HandlerModule): string =>
  'platformOf' in definition ? 'platform' : definition.services.join('+')
