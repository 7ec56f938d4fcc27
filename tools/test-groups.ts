import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Test files, those that share a process as one file that `node:test` can run. */
export interface TestGroups {
  /** What to run: the groups, the largest first, then the files that run alone. */
  readonly files: readonly string[]
  /** Those of the files that are groups: each imports its members. */
  readonly groups: ReadonlySet<string>
  remove(): Promise<void>
}

/**
 * Folders whose test files share one process: packages with their unit tests, the stacks, which are synthesised once, and the tests over HTTP by
 * domain, which start platforms of their own in it. The others start processes, and run best beside each other.
 */
const shared = /^(layer\/[^/]+|plugins\/[^/]+|cli|infra|tools|test\/infra|test\/http\/[^/]+)\//

/** A file that changes what its process shares, or that says `// @alone <reason>`, has a process to itself. */
const alone =
  /^\/\/ @alone \S|process\.chdir\(|process\.env(\.\w+|\[[^\]]+\])\s*(\?\?|\|\|)?=(?!=)|delete process\.env|mock\.(timers|module)\b/m

/** Which group a file belongs to, or undefined when it runs alone. */
export function groupOf(path: string, text: string): string | undefined {
  return alone.test(text) ? undefined : shared.exec(path)?.[1]
}

/**
 * Puts the test files of one package into one process: starting Node and loading the same modules for each of a hundred files takes more
 * processor time than the tests. Each file is a suite, which keeps its hooks to itself and its load error from the others.
 */
export async function groupTests(root: string, files: readonly string[]): Promise<TestGroups> {
  const groups = new Map<string, string[]>()
  const single: string[] = []
  for (const file of files) {
    const path = relative(root, file).replaceAll('\\', '/')
    const group = groupOf(path, await readFile(file, 'utf8'))
    if (group === undefined) single.push(file)
    else groups.set(group, [...(groups.get(group) ?? []), file])
  }
  const wanted = [...groups].filter(([, members]) => members.length > 1)
  single.push(...[...groups.values()].filter(members => members.length === 1).flat())
  if (wanted.length === 0) return { files: single.sort(), groups: new Set(), remove: async () => {} }
  await mkdir(join(root, '.tmp'), { recursive: true })
  const folder = await mkdtemp(join(root, '.tmp/tests-'))
  const paths: string[] = []
  for (const [name, members] of wanted.sort(([, a], [, b]) => b.length - a.length)) {
    const path = join(folder, `${name.replaceAll('/', '-')}.test.mjs`)
    paths.push(path)
    await writeFile(path, groupSource(root, members))
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  return { files: [...paths, ...single.sort()], groups: new Set(paths), remove }
}

function groupSource(root: string, members: readonly string[]): string {
  const rows = members.map(file => [relative(root, file), pathToFileURL(file).href])
  return `import { suite } from 'node:test'
for (const [name, url] of ${JSON.stringify(rows)}) {
  suite(name, async () => {
    await import(url)
  })
}
`
}
