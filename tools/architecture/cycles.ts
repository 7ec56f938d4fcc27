import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'

/** Circles of imports that exist at run time. Types may refer to each other. */
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
      if (target !== undefined && !typeOnly) visit(target, [...trail, path])
    }
    state.set(path, 'done')
  }
  for (const path of sources.keys()) visit(path, [])
  return found
}
