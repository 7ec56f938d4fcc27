import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder outside the repository, as a user of the packages has one. */
export interface FreshFolder {
  readonly path: string
  /** Installs with the registry that npm is configured for. @throws with npm's output */
  install(...specifiers: string[]): void
  /** Runs a program in it. @throws with its output when the exit code is not 0 */
  run(command: string, ...args: string[]): string
  remove(): void
}

const tooLongMs = 180_000

/** Nothing of the repository's npm run gets in: its variables name its own folder and Node. */
export function environment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_)|INIT_CWD$|NODE_(OPTIONS|TEST_CONTEXT|COMPILE_CACHE)$)/.test(name),
  )
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

export function openFreshFolder(): FreshFolder {
  const path = mkdtempSync(join(tmpdir(), 'packages-'))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }))
  const run = (command: string, ...args: string[]): string => {
    const options = {
      cwd: path,
      encoding: 'utf8',
      timeout: tooLongMs,
      env: environment(),
    } as const
    const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, maxBuffer: 64 << 20 })
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
    return stdout
  }
  return {
    path,
    install: (...specifiers) => {
      run('npm', 'install', '--no-audit', '--no-fund', '--save-exact', '--ignore-scripts=false', ...specifiers)
    },
    run,
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Why no registry answers, or undefined when one does. */
export function registryMissing(specifier: string): string | undefined {
  try {
    execFileSync('npm', ['view', specifier, 'version'], { stdio: 'pipe', timeout: 60_000 })
    return undefined
  } catch (error) {
    return (error as { stderr?: Buffer }).stderr?.toString().trim().split('\n')[0] ?? String(error)
  }
}
