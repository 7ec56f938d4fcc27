import { join, sep } from 'node:path'

const modules = join(sep, 'nodejs', 'node_modules', sep)

/**
 * The folder of the compiled configuration, which lies in the layer beside its packages: at `/opt/config` in Lambda, elsewhere where layers are unpacked
 * elsewhere. Undefined for code that is in no layer.
 */
export function layerConfigFolder(module: string = import.meta.dirname): string | undefined {
  const end = module.lastIndexOf(modules)
  return end < 0 ? undefined : join(module.slice(0, end), 'config')
}
