import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { productRoot } from './roots.ts'

/**
 * Where a package lies that the product depends on, as Node would find it. `require.resolve` does not say: it answers entries only.
 * @throws {Error} when it is not installed
 */
export function packageFolder(name: string): string {
  for (let folder = productRoot; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(found)) return realpathSync(found)
    if (folder === dirname(folder)) throw new Error(`the package ${name} is not installed for ${productRoot}`)
  }
}
