import { type CscaSource, noCscas } from '../../pkd/entry/conformance.ts'
import type { PkdContext } from './operation.ts'

/** The CSCAs that are trusted here. */
export function trustedCscas(_context: PkdContext): CscaSource {
  return noCscas
}
