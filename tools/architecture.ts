import { checkArrows } from './architecture/arrows.ts'
import { checkCycles } from './architecture/cycles.ts'
import { checkLinks, checkSources, checkTraces } from './architecture/hygiene.ts'
import { checkWords } from './architecture/plain-words.ts'
import { checkProduct } from './architecture/product.ts'
import { readSources, trackedFiles } from './architecture/source-tree.ts'
import { describeViolation, type Violation } from './architecture/violation.ts'
import { root } from './build/paths.ts'

/** Everything about the repository that a compiler does not see. @returns what is wrong, empty when nothing is */
export function checkArchitecture(tree: string): readonly Violation[] {
  const sources = readSources(tree)
  const files = trackedFiles(tree)
  if (sources.size === 0) return [{ file: tree, rule: 'sources', text: 'no source file was found' }]
  return [
    ...checkArrows(sources),
    ...checkCycles(sources),
    ...checkProduct(sources),
    ...checkSources(sources),
    ...checkTraces(tree, files),
    ...checkLinks(tree, files),
    ...checkWords(tree, sources, files),
  ]
}

if (import.meta.main) {
  const violations = checkArchitecture(root)
  for (const violation of violations) console.error(describeViolation(violation))
  console.error(violations.length === 0 ? 'architecture: as designed' : `architecture: ${violations.length} violations`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
