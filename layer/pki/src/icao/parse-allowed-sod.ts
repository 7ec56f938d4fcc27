import type { IcaoCompatibility } from './signers.ts'
import { parseSod, type Sod } from './sod.ts'

/** Reads an EF.SOD with what the allowed compatibilities let pass. @throws what `parseSod` throws */
export function parseAllowedSod(bytes: Uint8Array, allowed: ReadonlySet<IcaoCompatibility>): Sod {
  return parseSod(bytes, {
    allowDataContentType: allowed.has('sod-content-type-data'),
    allowMissingTag: allowed.has('sod-without-tag'),
    tolerant: allowed.has('cms-tolerant'),
  })
}
