import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RebuildAnswer } from '../../plugins/rebuild-answer.ts'

export interface RebuildOptions {
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  /** An empty folder that takes the handlers. */
  readonly out: string
  /** The layer that is in use: it is not built again. */
  readonly layer: string
  /** Names of the plugins that run. */
  readonly running: readonly string[]
  readonly signal: AbortSignal
}

/** Code of a plugin that does not end when it is imported is given up after this time, in milliseconds. */
const timeoutMs = 60_000

/** Builds the handlers in a process of its own: this one would go on with the modules that it has imported. */
export async function rebuild({ root, env, out, layer, running, signal }: RebuildOptions): Promise<RebuildAnswer> {
  const args = ['--enable-source-maps', join(root, 'tools/rebuild.ts'), out, layer, ...running]
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-4000)
  })
  const ended = await new Promise<string>((resolve, reject) => {
    // One that was started and is ended here is waited for: it writes until then.
    child.once('error', error => {
      if (child.pid === undefined) reject(error)
    })
    child.once('close', (code, killed) => resolve(killed ?? `exit code ${code}`))
  })
  try {
    return JSON.parse(await readFile(join(out, 'answer.json'), 'utf8'))
  } catch {
    const message = `the build ended without an answer (${ended}) ${stderr.trim()}`.trim()
    return { plugins: {}, faults: [{ code: 'plugin_failed', message }] }
  }
}
