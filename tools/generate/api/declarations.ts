import { posix } from 'node:path'

/** A name of another module. `name` is `*` for the module as a whole. */
export interface Reference {
  readonly module: string
  readonly name: string
}

/** What one emitted `.d.ts` declares, takes from other modules and gives out. Modules of other packages are not followed. */
export interface DeclarationFile {
  /** Name → its declarations, without comments. */
  readonly declared: ReadonlyMap<string, string>
  readonly imported: ReadonlyMap<string, Reference>
  /** Exported name → where it comes from; the file's own declarations name this file. */
  readonly exported: ReadonlyMap<string, Reference>
  /** Modules of `export * from`. */
  readonly stars: readonly string[]
}

// The compiler begins every statement in the first column, and nothing else but the end of one.
const statementStart = /^(?=(?:export|import|declare|interface|type|abstract|class|function|const|enum)\b)/m
const declaration =
  /^(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:function|const|let|class|interface|type|enum|namespace) (\w+)/
const fromClause = /\bfrom ['"]([^'"]+)['"]/

/** The emitted declaration file that a relative specifier names. */
export function declarationOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.d.ts')
}

/** `a, type B as C` → [['a', 'a'], ['B', 'C']]. */
function namesIn(braces: string): readonly (readonly [string, string])[] {
  return braces
    .split(',')
    .map(part => part.trim().replace(/^type /, ''))
    .filter(part => part !== '')
    .map(part => {
      const [name = '', alias = name] = part.split(' as ')
      return [name, alias] as const
    })
}

/** Reads a declaration file as TypeScript prints it. */
export function readDeclarations(path: string, text: string): DeclarationFile {
  const declared = new Map<string, string>()
  const imported = new Map<string, Reference>()
  const exported = new Map<string, Reference>()
  const stars: string[] = []
  const code = text.replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '').replace(/^\/\/.*\n/gm, '')
  for (const part of code.split(statementStart)) {
    const statement = part.trimEnd()
    const name = declaration.exec(statement)?.[1]
    if (name !== undefined) {
      const before = declared.get(name)
      const own = statement.replace(/^export /, '').replace(/^declare /, '')
      declared.set(name, before === undefined ? own : `${before}\n${own}`)
      if (statement.startsWith('export ')) exported.set(name, { module: path, name })
      continue
    }
    const specifier = fromClause.exec(statement)?.[1]
    const module = specifier === undefined ? path : declarationOf(path, specifier)
    const braces = /\{([\s\S]*?)\}/.exec(statement)?.[1] ?? ''
    const space = /\* as (\w+)/.exec(statement)?.[1]
    if (module === undefined) continue
    if (/^export \* from/.test(statement)) stars.push(module)
    const into = statement.startsWith('import') ? imported : exported
    if (space !== undefined) into.set(space, { module, name: '*' })
    for (const [outside, inside] of namesIn(braces)) into.set(inside, { module, name: outside })
  }
  return { declared, imported, exported, stars }
}
