import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { openapiOf } from '@mmf/framework/http'
import { plugins } from '../plugins/index.ts'
import { root } from './build/paths.ts'
import { alarmsPage } from './generate/alarms.ts'
import { errorsPage } from './generate/errors.ts'
import { permissionsPage } from './generate/permissions.ts'

const directory = join(root, 'docs/generated')

/** Files that follow from declarations. Each is written by the one function beside its name. */
const files: Readonly<Record<string, () => string | Promise<string>>> = {
  'alarms.md': () => alarmsPage(plugins),
  'errors.md': errorsPage,
  'permissions.md': () => permissionsPage(plugins),
  'openapi.json': async () => `${JSON.stringify(await openapiOf(plugins), null, 2)}\n`,
}

/** `npm run generate` writes them; with `--check` it only says which are not up to date. */
async function main(check: boolean): Promise<number> {
  const stale: string[] = []
  await mkdir(directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const file = join(directory, name)
    const wanted = await text()
    if ((await readFile(file, 'utf8').catch(() => '')) === wanted) continue
    stale.push(relative(root, file))
    if (!check) await writeFile(file, wanted)
  }
  if (check && stale.length > 0) console.error(`not up to date: ${stale.join(', ')}; run \`npm run generate\``)
  if (!check) console.error(stale.length === 0 ? 'everything was up to date' : `wrote ${stale.join(', ')}`)
  return check && stale.length > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--check'))
