import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'

/** Where an import of types alone counts too: files that need each other to be understood are one file, or lack a third one. */
const typesCount = /^(layer|plugins)\//

/** Circles of imports that exist at run time; in the packages and the plugins also those of types. */
export function checkCycles(sources: ReadonlyMap<string, SourceFile>): readonly Violation[] {
  const state = new Map<string, 'open' | 'done'>()
  const found: Violation[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const file = sources.get(path)
    if (file === undefined || state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      const circle = [...trail.slice(trail.indexOf(path)), path]
      found.push({ file: path, rule: 'cycles', text: `imports go round: ${circle.join(' → ')}` })
      return
    }
    state.set(path, 'open')
    for (const { target, typeOnly } of file.imports) {
      if (target !== undefined && (!typeOnly || typesCount.test(path))) visit(target, [...trail, path])
    }
    state.set(path, 'done')
  }
  for (const path of sources.keys()) visit(path, [])
  return found
}
