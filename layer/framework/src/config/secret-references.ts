import type { Tree } from './config-tree.ts'
import { isPlainMap } from './plain-map.ts'
import { type Piece, parseReferences, type SecretReference } from './references.ts'

/** Every `${SECRET:…}` in the settings of a tree, also those in fallbacks, which count only where a variable is not set. */
export function secretReferences(tree: Tree): readonly SecretReference[] {
  return tree.kind === 'map' ? [...tree.entries.values()].flatMap(secretReferences) : inValue(tree.value)
}

function inValue(value: unknown): readonly SecretReference[] {
  if (Array.isArray(value)) return value.flatMap(inValue)
  if (isPlainMap(value)) return Object.values(value).flatMap(inValue)
  if (typeof value !== 'string') return []
  const parsed = parseReferences(value)
  // A malformed reference is refused where the settings are resolved.
  return 'error' in parsed ? [] : inPieces(parsed.pieces)
}

function inPieces(pieces: readonly Piece[]): readonly SecretReference[] {
  return pieces.flatMap(piece => {
    if (piece.kind === 'secret') return [piece.reference]
    return piece.kind === 'variable' ? inPieces(piece.fallback ?? []) : []
  })
}
