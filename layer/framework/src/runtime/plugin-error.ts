import { isMmfError, MmfError } from '../errors/mmf-error.ts'

export type PluginPhase = 'load' | 'initialize' | 'start' | 'stop' | 'reload' | 'health'

/** The error of a phase, with the plugin's name in front. An error with a code of its own keeps it while loading; later it is `plugin_failed` with that cause. */
export function pluginError(plugin: string, phase: PluginPhase, error: unknown): MmfError {
  const members = { plugin, phase }
  if (!isMmfError(error)) {
    const reason = error instanceof Error ? error.message : String(error)
    return new MmfError('plugin_failed', { detail: `${plugin}: ${phase}: ${reason}`, members, cause: error })
  }
  if (error.members['plugin'] === plugin) return error
  const options = { members: { ...error.members, ...members }, errors: error.errors, cause: error }
  if (phase === 'load') return new MmfError(error.code, { ...options, detail: `${plugin}: ${error.detail ?? ''}` })
  return new MmfError('plugin_failed', { ...options, detail: `${plugin}: ${phase}: ${error.message}` })
}

/**
 * Waits for `work` no longer than `seconds`. What comes later is not waited for.
 * @throws {MmfError} `plugin_failed`, naming the plugin, the phase and the limit; what `work` throws
 */
export async function withinSeconds<T>(
  seconds: number,
  plugin: string,
  phase: PluginPhase,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = `${plugin}: ${phase} did not finish within ${seconds} s`
      reject(new MmfError('plugin_failed', { detail, members: { plugin, phase, seconds } }))
    }, seconds * 1000)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
