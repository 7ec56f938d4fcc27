import type { Workspace } from '../../build/workspaces.ts'
import { type Emitted, emit } from '../../pack/emit.ts'
import { type DeclarationFile, declarationOf, type Reference, readDeclarations } from './declarations.ts'

/** A declaration that was found behind a name. */
interface Found {
  readonly module: string
  readonly name: string
  readonly text: string
}

/** Follows names through the declarations of our packages. */
class Declarations {
  readonly #emitted: Emitted
  readonly #files = new Map<string, DeclarationFile>()

  constructor(emitted: Emitted) {
    this.#emitted = emitted
  }

  file(module: string): DeclarationFile {
    const known = this.#files.get(module)
    if (known !== undefined) return known
    const read = readDeclarations(module, this.#emitted.get(module) ?? '')
    this.#files.set(module, read)
    return read
  }

  /** Every exported name of a module, with where it comes from. */
  exports(module: string): ReadonlyMap<string, Reference> {
    const { exported, stars } = this.file(module)
    return new Map([...stars.flatMap(star => [...this.exports(star)]), ...exported])
  }

  find({ module, name }: Reference): Found | undefined {
    const { declared, imported } = this.file(module)
    const text = declared.get(name)
    if (text !== undefined) return { module, name, text }
    const next = imported.get(name) ?? this.exports(module).get(name)
    return next === undefined || (next.module === module && next.name === name) ? undefined : this.find(next)
  }

  /** What a declaration names, as far as it is declared in our packages. */
  reached({ module, text }: Found): readonly Found[] {
    const { declared, imported } = this.file(module)
    // Types begin with a capital letter here; a value is named by `typeof` alone.
    const names = new Set([...text.matchAll(/\b(?:[A-Z]\w*|(?<=typeof )\w+)/g)].map(([name]) => name))
    const local = [...names].filter(name => declared.has(name) || imported.has(name)).map(name => ({ module, name }))
    const inline = [...text.matchAll(/import\("([^"]+)"\)\.(\w+)/g)].flatMap(([, specifier = '', name = '']) => {
      const target = declarationOf(module, specifier)
      return target === undefined ? [] : [{ module: target, name }]
    })
    return [...local, ...inline].map(reference => this.find(reference)).filter(found => found !== undefined)
  }
}

const keyOf = ({ module, name }: Reference): string => `${module} ${name}`
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0

/** One exported name as a reviewer reads it. */
function entry(declarations: Declarations, name: string, reference: Reference, seen: Map<string, Found>): string {
  if (reference.name === '*') {
    const members = [...declarations.exports(reference.module)].sort(byName)
    const texts = members.map(([member, inner]) => entry(declarations, member, inner, seen).replace(/^/gm, '    '))
    return `namespace ${name} {\n${texts.join('\n')}\n}`
  }
  const found = declarations.find(reference)
  if (found === undefined) return `${name}: of another package`
  seen.set(keyOf(found), found)
  return found.name === name ? found.text : `${found.text}\nexport { ${found.name} as ${name} }`
}

/** The signatures of one package: by entry and name, then what these name without exporting it. */
function reportOf({ name, entries, folder }: Workspace, declarations: Declarations): string {
  const seen = new Map<string, Found>()
  const sections = Object.entries(entries).map(([subpath, source]) => {
    const module = source.replace(/\.ts$/, '.d.ts')
    const names = [...declarations.exports(module)].sort(byName)
    const texts = names.map(([exported, reference]) => entry(declarations, exported, reference, seen))
    return `// ${name}${subpath.slice(1)}\n\n${texts.join('\n\n')}\n`
  })
  const hidden = new Map<string, Found>()
  const queue = [...seen.values()]
  for (let found = queue.pop(); found !== undefined; found = queue.pop()) {
    for (const next of declarations.reached(found)) {
      const key = keyOf(next)
      // What another package exports is in the report of that one.
      if (seen.has(key) || hidden.has(key) || !next.module.startsWith(`${folder}/`)) continue
      hidden.set(key, next)
      queue.push(next)
    }
  }
  const rest = [...hidden.values()]
    .map(({ name: n, text }) => [n, text] as const)
    .sort(([a, x], [b, y]) => (a + x < b + y ? -1 : 1))
  const reached = `// Named above, exported nowhere\n\n${rest.map(([, text]) => text).join('\n\n')}\n`
  const note = `// Every exported signature of ${name}, from the declarations that are published. Written by \`npm run generate\`.\n`
  return [note, ...sections, ...(rest.length === 0 ? [] : [reached])].join('\n').replaceAll('\n\n\n', '\n\n')
}

/** The API reports of packages, by package name. A change of a public signature shows as a change of these texts. */
export async function apiReports(packages: readonly Workspace[]): Promise<ReadonlyMap<string, string>> {
  const declarations = new Declarations(await emit(packages, { declarationsOnly: true }))
  return new Map(packages.map(workspace => [workspace.name, reportOf(workspace, declarations)]))
}
