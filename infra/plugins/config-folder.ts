import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, productRoot } from './roots.ts'

/**
 * The folder of the configuration: `MMF_CONFIG_DIR`, else `config` in the root. An author's folder that has none runs with the product's, which sets
 * nothing but what its repository starts with.
 */
export function configFolder(root: string, env: Readonly<Record<string, string | undefined>>): string {
  const named = env['MMF_CONFIG_DIR']
  if (named !== undefined) return named
  const own = join(root, 'config')
  return isInstalled && !existsSync(own) ? join(productRoot, 'config') : own
}
