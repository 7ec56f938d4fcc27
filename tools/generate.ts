import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { openapiOf } from '@mmf/framework/http'
import { plugins } from '../plugins/index.ts'
import { root } from './build/paths.ts'
import { workspaceOf } from './build/workspaces.ts'
import { alarmsPage } from './generate/alarms.ts'
import { apiReports } from './generate/api/report.ts'
import { errorsPage } from './generate/errors.ts'
import { permissionsPage } from './generate/permissions.ts'

/** Whose signatures are promises to others. What Marty promises is in the OpenAPI document: its types are inferred from the same schemas. */
const api = ['@mmf/pki', '@mmf/framework'].map(workspaceOf)

const directory = join(root, 'docs/generated')

/** Files that follow from declarations: name → text. */
async function filesOf(): Promise<Readonly<Record<string, string>>> {
  const reports = await apiReports(api)
  return {
    ...Object.fromEntries([...reports].map(([name, text]) => [`api/${name.replace('@mmf/', '')}.txt`, text])),
    'alarms.md': await alarmsPage(plugins),
    'errors.md': await errorsPage(),
    'permissions.md': await permissionsPage(plugins),
    'openapi.json': `${JSON.stringify(await openapiOf(plugins), null, 2)}\n`,
  }
}

/** `npm run generate` writes them; with `--check` it only says which are not up to date. */
async function main(check: boolean): Promise<number> {
  const stale: string[] = []
  for (const [name, wanted] of Object.entries(await filesOf())) {
    const file = join(directory, name)
    if ((await readFile(file, 'utf8').catch(() => '')) === wanted) continue
    stale.push(relative(root, file))
    if (check) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, wanted)
  }
  if (check && stale.length > 0) console.error(`not up to date: ${stale.join(', ')}; run \`npm run generate\``)
  if (!check) console.error(stale.length === 0 ? 'everything was up to date' : `wrote ${stale.join(', ')}`)
  return check && stale.length > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--check'))
