import { join, relative } from 'node:path'
import { BuildError } from './build/bundle.ts'
import { root } from './build/paths.ts'
import { buildPackages } from './pack/packages.ts'

/** `npm run pack`: writes the packages that are published into `dist/packages`, each ready for `npm pack` and `npm publish`. */
async function main(): Promise<number> {
  try {
    const folders = await buildPackages(join(root, 'dist/packages'))
    for (const [name, folder] of folders) console.error(`${name} is in ${relative(process.cwd(), folder)}`)
    return 0
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    console.error(error.message)
    return 1
  }
}

process.exitCode = await main()
