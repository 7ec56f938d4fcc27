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
    const { detail = '', members, errors } = error
    throw new MmfError('manifest_invalid', { detail, members, errors })
  }
}
