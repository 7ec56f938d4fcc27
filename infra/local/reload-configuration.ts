import type { PluginConfigManager } from '@mmf/framework'
import { createLiveConfig, ensureKeys, type LiveConfig, type LiveConfigOptions } from '@mmf/framework/embedded'

interface ReloadOptions extends Pick<LiveConfigOptions, 'plugins' | 'clock' | 'observability' | 'onBase'> {
  readonly configs: PluginConfigManager
  readonly keys: Parameters<typeof ensureKeys>[0]['keys']
}

/** Quiet after the last change of a burst, in milliseconds: an editor that writes in pieces has ended then. */
const settleMs = 150
/** After this many milliseconds a configuration is tried again that a port was not there for. */
const againMs = 5000

/** Takes over what is saved in the configuration folders, with the keys that it needs, until it is closed. */
export function reloadConfiguration(options: ReloadOptions): LiveConfig & { close(): void } {
  const { configs, keys } = options
  const live = createLiveConfig({
    ...options,
    prepare: (plugin, fresh) => ensureKeys({ configs: { getPluginConfig: async () => fresh as never }, keys }, plugin),
  })
  let timer: NodeJS.Timeout | undefined
  const refresh = async () => {
    clearTimeout(timer)
    const { again } = await live.refresh()
    if (again) timer = setTimeout(refresh, againMs).unref()
  }
  const watching = configs.watchFiles(() => void refresh(), settleMs)
  // What was saved between reading and watching.
  void refresh()
  return {
    ...live,
    close() {
      clearTimeout(timer)
      watching.close()
    },
  }
}
