import { parseDer } from '../der/reader.ts'
import { isPkiError, PkiError } from '../errors.ts'

/** Tags of EF.DG1 and of the MRZ data object in it (Doc 9303-10 §4.7.1). */
const efDg1 = 0x61
const mrzTag = 0x5f | (0x1f << 8)

/** Characters of an MRZ by format: TD1, TD2, TD3 (Doc 9303-5, -6, -4). */
const mrzLengths: readonly number[] = [90, 72, 88]

/**
 * The issuing State in the MRZ of an EF.DG1, fillers removed: characters 3 to 5 in every format.
 *
 * @throws der_malformed
 */
export function issuingStateOfDg1(content: Uint8Array): string {
  try {
    const file = parseDer(content)
    if (file.tag !== efDg1) throw new PkiError('der_malformed', 'EF.DG1 has another tag')
    const fields = file.children()
    const mrz = new TextDecoder().decode(fields.next(mrzTag).content)
    fields.finish()
    if (!mrzLengths.includes(mrz.length)) throw new PkiError('der_malformed', `MRZ of ${mrz.length} characters`)
    return mrz.slice(2, 5).replace(/<+$/, '')
  } catch (error) {
    if (!isPkiError(error)) throw error
    throw new PkiError('der_malformed', `EF.DG1: ${error.message}`, error.details, { cause: error })
  }
}
