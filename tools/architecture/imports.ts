/** One import or re-export of a module. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** `import type` or `export type`: gone at run time. */
  readonly typeOnly: boolean
}

// Statements begin a line in formatted code; an import inside a template literal does not, or names a file that is not there.
const statement = /^(?:import|export)\s+(type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s+)?'([^']+)'/gm
const expression = /\bimport\(\s*'([^']+)'\s*\)/g

/** Every static import, re-export and literal dynamic import of a source text, comments left out. */
export function importsOf(text: string): readonly Import[] {
  const source = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, comment => comment.replace(/[^\n]/g, ' '))
  const at = (index: number): number => source.slice(0, index).split('\n').length
  const found: Import[] = []
  for (const match of source.matchAll(statement)) {
    const names =
      /\{([^}]*)\}/
        .exec(match[0])?.[1]
        ?.split(',')
        .filter(name => name.trim() !== '') ?? []
    const allTypes =
      names.length > 0 && names.every(name => /^\s*type\s/.test(name)) && !/^import\s+\w+\s*,/.test(match[0])
    found.push({ specifier: match[2] ?? '', line: at(match.index), typeOnly: match[1] !== undefined || allTypes })
  }
  // `typeof import('…')` and type positions are not distinguished: a dynamic import counts as a value.
  for (const match of source.matchAll(expression)) {
    found.push({ specifier: match[1] ?? '', line: at(match.index), typeOnly: false })
  }
  return found
}
