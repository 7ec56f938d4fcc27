import { PkiError } from '../errors.ts'
import type { OptionFields } from './option-fields.ts'

/**
 * Refuses an options object with a field that its type does not have: a misspelt limit would else be no limit, and the caller would believe
 * that it holds. Undefined, and what is no object, is let be.
 * @param path where in the call the object stands, such as `revocation` or `anchors.0`; empty for the whole
 * @throws argument_invalid with the nearest field there is
 */
export function refuseUnknown(known: OptionFields, value: unknown, path = ''): void {
  if (typeof value !== 'object' || value === null) return
  for (const field in value) if (!known.has(field)) throw unknownField(field, known, path)
}

function unknownField(field: string, known: ReadonlySet<string>, path: string): PkiError {
  const shown = JSON.stringify(field.slice(0, 60))
  const near = nearest(field.slice(0, 60), known)
  const hint = near === undefined ? `there are ${[...known].join(', ')}` : `did you mean '${near}'?`
  return new PkiError('argument_invalid', `${path === '' ? '' : `${path}: `}no field is called ${shown}; ${hint}`, {
    field: path === '' ? field.slice(0, 60) : `${path}.${field.slice(0, 60)}`,
    ...(near !== undefined && { nearest: near }),
  })
}

/** The candidate with the fewest edits, at most one in three characters and one more. */
function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let most = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (edits < most) {
      best = candidate
      most = edits
    }
  }
  return best
}

/** Levenshtein: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
