import { isBuiltin } from 'node:module'

/** What follows `from`, `import(` or `import` in what the compiler emits: one statement a line, comments aside. */
const specifier = /(?:^|[^.\w])(?:from |import\(|import )(['"])([^'"\n]+)\1/g

/** The packages that emitted code or declarations name, without subpaths. Node's own modules are none. */
export function packagesNamed(text: string): ReadonlySet<string> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const names = [...code.matchAll(specifier)].map(([, , name = '']) => name)
  // Code that writes code has placeholders there.
  return new Set(names.filter(name => /^[@a-z]/.test(name) && !isBuiltin(name)).map(packageOf))
}

const packageOf = (name: string): string => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name
