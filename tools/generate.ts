import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openapiOf } from '@mmf/framework/http'
import { plugins } from '../plugins/index.ts'
import { root } from './build/paths.ts'
import { workspaceOf, workspaces } from './build/workspaces.ts'
import { alarmsPage } from './generate/alarms.ts'
import { apiReports } from './generate/api/report.ts'
import { commandsPage } from './generate/commands.ts'
import { errorsPage } from './generate/errors.ts'
import { permissionsPage } from './generate/permissions.ts'
import { pluginFiles } from './generate/plugin-files.ts'

/** Whose signatures are promises to others. What Marty promises is in the OpenAPI document: its types are inferred from the same schemas. */
const api = ['@mmf/pki', '@mmf/framework'].map(workspaceOf)

const directory = 'docs/generated'

/** Files that follow from declarations: file relative to the root → text. */
async function filesOf(): Promise<Readonly<Record<string, string>>> {
  const reports = await apiReports(api)
  const pages = {
    ...Object.fromEntries([...reports].map(([name, text]) => [`api/${name.replace('@mmf/', '')}.txt`, text])),
    'alarms.md': await alarmsPage(plugins),
    'commands.md': commandsPage(),
    'errors.md': await errorsPage(),
    'permissions.md': await permissionsPage(plugins),
    'openapi.json': `${JSON.stringify(await openapiOf(plugins), null, 2)}\n`,
  }
  const generated = Object.entries(pages).map(([name, text]) => [join(directory, name), text] as const)
  return { ...Object.fromEntries(generated), ...pluginFiles(workspaces, plugins) }
}

/** `npm run generate` writes them; with `--check` it only says which are not up to date. */
async function main(check: boolean): Promise<number> {
  const stale: string[] = []
  for (const [name, wanted] of Object.entries(await filesOf())) {
    const file = join(root, name)
    if ((await readFile(file, 'utf8').catch(() => '')) === wanted) continue
    stale.push(name)
    if (check) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, wanted)
  }
  if (check && stale.length > 0) console.error(`not up to date: ${stale.join(', ')}; run \`npm run generate\``)
  if (!check) console.error(stale.length === 0 ? 'everything was up to date' : `wrote ${stale.join(', ')}`)
  return check && stale.length > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--check'))
