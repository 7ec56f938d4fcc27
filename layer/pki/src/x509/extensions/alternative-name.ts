import type { DerElement } from '../../der/reader.ts'
import { PkiError } from '../../errors.ts'
import { type GeneralName, readGeneralNames } from '../general-name.ts'
import { expectSequence } from './expect.ts'

/** subjectAltName and issuerAltName (RFC 5280 §4.2.1.6, §4.2.1.7). @throws der_malformed, name_malformed */
export function decodeAlternativeName(value: DerElement): readonly GeneralName[] {
  const reader = expectSequence(value)
  // Read leniently, no names are no names.
  if (reader.done && value.rules.ber) return []
  const names = readGeneralNames(reader)
  for (const name of names) {
    if (name.kind === 'iPAddress' && name.value.length !== 4 && name.value.length !== 16) {
      throw new PkiError('name_malformed', `iPAddress of ${name.value.length} octets`)
    }
  }
  return names
}
