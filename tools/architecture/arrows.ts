import { posix } from 'node:path'
import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'
import { zoneOf } from './zones.ts'

/** Imports that go against the arrows of the design. */
export function checkArrows(sources: ReadonlyMap<string, SourceFile>): readonly Violation[] {
  return [...sources.values()].flatMap(({ path, imports }) => {
    const zone = zoneOf(path)
    return imports.flatMap(({ specifier, line, typeOnly, target }): Violation[] => {
      const wrong = (text: string): Violation[] => [{ file: path, line, rule: 'arrows', text }]
      if (target === undefined) {
        const allowed = zone.packages.test(specifier) || (typeOnly && zone.types?.test(specifier) === true)
        return allowed ? [] : wrong(`${zone.name} must not import ${specifier}${typeOnly ? ' as a type' : ''}`)
      }
      const there = zoneOf(target)
      if (zone.files.includes('*')) return []
      if (zone.name === 'plugins' && there === zone)
        return samePlugin(path, target) ? [] : wrong(`a plugin imports another one: ${target}`)
      if (there !== zone && !zone.files.includes(there.name))
        return wrong(`${zone.name} must not import ${there.name}: ${target}`)
      return zone.deep || packageRoot(path) === packageRoot(target) || packageRoot(target) === undefined
        ? []
        : wrong(`a path into another package: ${target}; import the package by its name`)
    })
  })
}

/** The files directly in `plugins/` name all plugins. */
function samePlugin(path: string, target: string): boolean {
  const plugin = (file: string) => file.split('/').slice(0, 2).join('/')
  return posix.dirname(path) === 'plugins' || plugin(path) === plugin(target)
}

/** The workspace package that a path lies in. */
function packageRoot(path: string): string | undefined {
  return /^(layer\/[^/]+|plugins\/[^/]+(?=\/)|cli)\//.exec(path)?.[1]
}
