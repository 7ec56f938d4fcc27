import { workspaces } from '../build/workspaces.ts'
import { importsOf } from './imports.ts'
import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'
import { zoneOf } from './zones.ts'

/** Where the product begins, beside what packages export: functions, the CLI, the CDK app and the local runner. */
const productEntries = [
  /^plugins\/([^/]+\/plugin|index)\.ts$/,
  /^handlers\/[^/]+\.ts$/,
  /^infra\/aws\/app\.ts$/,
  /^infra\/local\/main\.ts$/,
  /^cli\/main\.ts$/,
]

/** Import specifier → file, of every package of the repository. */
const workspace: Readonly<Record<string, string>> = Object.fromEntries(
  workspaces.flatMap(({ name, entries }) =>
    Object.entries(entries).map(([subpath, file]) => [name + subpath.slice(1), file]),
  ),
)

/** What packages export, `testing` aside. */
const exported: ReadonlySet<string> = new Set(
  Object.entries(workspace).flatMap(([specifier, file]) => (/\/testing(\/|$)/.test(specifier) ? [] : [file])),
)

/** Every file that some entries load at run time, with the packages they name. */
function reachable(
  sources: ReadonlyMap<string, SourceFile>,
  entries: readonly string[],
): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const queue = [...entries]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const file = sources.get(path)
    if (file === undefined || files.has(path)) continue
    files.add(path)
    for (const { target, specifier, typeOnly } of file.imports) {
      if (typeOnly) continue
      const next = target ?? workspace[specifier]
      if (next === undefined) packages.add(specifier)
      else queue.push(next)
    }
  }
  return { files, packages }
}

/** Test-only code that the product would load. */
export function checkProduct(sources: ReadonlyMap<string, SourceFile>): readonly Violation[] {
  const entries = [...sources.keys()].filter(
    path => (exported.has(path) || productEntries.some(entry => entry.test(path))) && !/\.test\.ts$/.test(path),
  )
  const { files } = reachable(sources, entries)
  return [...files].flatMap((path): Violation[] => {
    const text = sources.get(path)?.text ?? ''
    const testing = zoneOf(path).name === 'tests' || importsOf(text).some(i => i.specifier === 'node:test')
    return testing ? [{ file: path, rule: 'product', text: 'the product loads code that is for tests only' }] : []
  })
}
