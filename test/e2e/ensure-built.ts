import { execFile } from 'node:child_process'
import { globSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const built = join(root, 'dist/handlers')
const lock = join(root, '.tmp/build.lock')

/** A build takes a few seconds; a lock of this age, in milliseconds, was left by a process that died. */
const staleLockMs = 60_000

/** Makes sure that `dist/` is there and not older than its sources, whichever test file asks first. `npm test` has built already. */
export async function ensureBuilt(): Promise<void> {
  if (isFresh()) return
  mkdirSync(join(root, '.tmp'), { recursive: true })
  while (!locked()) await new Promise(done => setTimeout(done, 100))
  try {
    if (!isFresh()) await promisify(execFile)(process.execPath, ['tools/build.ts'], { cwd: root })
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function locked(): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - made > staleLockMs) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function isFresh(): boolean {
  const output = statSync(built, { throwIfNoEntry: false })
  if (output === undefined) return false
  const sources = globSync('{layer,plugins,handlers,tools/build,infra/plugins}/**/*.{ts,yaml}', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/*.test.ts', '**/*.fixture.ts', '**/testing/**'],
  })
  return sources.every(file => (statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= output.mtimeMs)
}
