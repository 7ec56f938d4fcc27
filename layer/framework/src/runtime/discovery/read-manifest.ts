import { treeOf } from '../../config/config-tree.ts'
import { validateSettings } from '../../config/validate-settings.ts'
import { readYamlFile } from '../../config/yaml-file.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { normalizeManifest, type PluginManifest } from '../manifest.ts'
import { pluginManifestSchema } from '../manifest-schema.ts'

/**
 * Reads and checks a `plugin.yaml`.
 * @throws {MmfError} `config_unreadable` when there is none; `config_malformed` for broken YAML; `manifest_invalid` with file, line and field
 */
export async function readManifest(path: string): Promise<PluginManifest> {
  const file = await readYamlFile(path)
  try {
    const tree = treeOf(file.value, file)
    return normalizeManifest(validateSettings(pluginManifestSchema, { input: file.value, alternatives: [] }, tree))
  } catch (error) {
    if (!isMmfError(error, 'config_invalid')) throw error
    const errors = error.errors.map(({ path, message }) => ({ path, message: withValue(file.value, path, message) }))
    const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    throw new MmfError('manifest_invalid', { detail, members: error.members, errors })
  }
}

/** What stands there, short: a manifest holds no secret, as configuration may. */
function withValue(whole: unknown, path: string, message: string): string {
  const value = path
    .split('.')
    .reduce<unknown>((at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined), whole)
  if (!['string', 'number', 'boolean'].includes(typeof value) || message.startsWith('unknown setting')) return message
  const text = JSON.stringify(value)
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  const place = message.lastIndexOf(', at ')
  return place < 0
    ? `${message}; there is ${shown}`
    : `${message.slice(0, place)}; there is ${shown}${message.slice(place)}`
}
