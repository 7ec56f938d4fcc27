import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openapiOf } from '@mmf/framework/http'
import { pluginsHere } from '../infra/plugins/plugins-here.ts'
import { root } from './build/paths.ts'
import { workspaceOf, workspaces } from './build/workspaces.ts'
import { alarmsPage } from './generate/alarms.ts'
import { apiReports } from './generate/api/report.ts'
import { commandsPage } from './generate/commands.ts'
import { errorsPage } from './generate/errors.ts'
import { permissionsPage } from './generate/permissions.ts'
import { definitionsIn, pluginFiles } from './generate/plugin-files.ts'
import { pluginSchema } from './generate/plugin-schema.ts'

/** Whose signatures are promises to others. What Marty promises is in the OpenAPI document: its types are inferred from the same schemas. */
const api = ['@mmf/pki', '@mmf/framework'].map(workspaceOf)

const directory = 'docs/generated'

type Files = Readonly<Record<string, string>>

/** Files that follow from the declarations of the plugins: file relative to the root → text. */
async function pages(): Promise<Files> {
  const { plugins: installed, problems } = await pluginsHere({ root, env: {} })
  if (problems.length > 0) throw new AggregateError(problems.map(({ error }) => error))
  const plugins = installed.map(({ definition }) => definition)
  const reports = await apiReports(api)
  const texts = {
    ...Object.fromEntries([...reports].map(([name, text]) => [`api/${name.replace('@mmf/', '')}.txt`, text])),
    'alarms.md': await alarmsPage(plugins),
    'commands.md': commandsPage(),
    'errors.md': await errorsPage(),
    'permissions.md': await permissionsPage(plugins),
    'plugin.schema.json': pluginSchema(),
    'openapi.json': `${JSON.stringify(await openapiOf(plugins), null, 2)}\n`,
  }
  const generated = Object.entries(texts).map(([name, text]) => [join(directory, name), text] as const)
  return Object.fromEntries(generated)
}

/** Those that are not as they should be; `write` makes them so. */
async function stale(files: Files, write: boolean): Promise<readonly string[]> {
  const found: string[] = []
  for (const [name, wanted] of Object.entries(files)) {
    const file = join(root, name)
    if ((await readFile(file, 'utf8').catch(() => '')) === wanted) continue
    found.push(name)
    if (!write) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, wanted)
  }
  return found
}

/** `npm run generate` writes them; with `--check` it only says which are not up to date. */
async function main(check: boolean): Promise<number> {
  // First, because a plugin whose manifest says another version than its code is none that could be found.
  const facts = await stale(pluginFiles(workspaces, await definitionsIn(workspaces)), !check)
  const names = check && facts.length > 0 ? facts : [...facts, ...(await stale(await pages(), !check))]
  if (check && names.length > 0) console.error(`not up to date: ${names.join(', ')}; run \`npm run generate\``)
  if (!check) console.error(names.length === 0 ? 'everything was up to date' : `wrote ${names.join(', ')}`)
  return check && names.length > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--check'))
