import { createHash } from 'node:crypto'
import { type Certificate, isPkiError, oids, parseCertificate, parseMasterList } from '@mmf/pki'
import { failure } from '../failure.ts'
import { readBytes } from '../files.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

interface Listed {
  readonly fingerprint: string
  readonly country: string
  readonly subject: string
}

/**
 * `mmf-cli trust diff A B`: what the second master list has that the first has not, and the reverse. Offline, and without judging: neither
 * signatures nor certificates are verified. @throws {Failure} `file_…`
 */
export function trustDiff(
  first: string,
  second: string,
  { json = false }: { readonly json?: boolean } = {},
): CommandResult {
  const [before, after] = [readList(first), readList(second)]
  const added = [...after.values()].filter(({ fingerprint }) => !before.has(fingerprint))
  const removed = [...before.values()].filter(({ fingerprint }) => !after.has(fingerprint))
  const countries = byCountry(added, removed)
  if (json) {
    const answer = { added, removed, unchanged: after.size - added.length, byCountry: Object.fromEntries(countries) }
    return { stdout: `${JSON.stringify(answer, undefined, 2)}\n`, exitCode: 0 }
  }
  const lines = [...added.map(one => line('+', one)), ...removed.map(one => line('-', one))].join('')
  const counts = [...countries].map(([country, n]) => `${country} +${n.added} -${n.removed}`).join(', ')
  const summary = `${added.length} added, ${removed.length} removed, ${after.size - added.length} unchanged\n`
  return { stdout: `${lines}${counts === '' ? '' : `${counts}\n`}${summary}`, exitCode: 0 }
}

function readList(file: string): ReadonlyMap<string, Listed> {
  try {
    // Tolerant: nothing is believed of it, and a list that only a strict reader refuses can still be compared.
    const { certificates } = parseMasterList(readBytes(file), { tolerant: true })
    return new Map(certificates.map(der => listed(der)).map(one => [one.fingerprint, one]))
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    throw failure('file_invalid', `${file}: ${cause.message}`, cause)
  }
}

function listed(der: Uint8Array): Listed {
  const fingerprint = createHash('sha256').update(der).digest('hex')
  try {
    const certificate = parseCertificate(der)
    return { fingerprint, country: countryOf(certificate), subject: certificate.toJSON().subject }
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { fingerprint, country: '--', subject: `(${error.code})` }
  }
}

const countryOf = ({ subject }: Certificate) => subject.values(oids.countryName)[0]?.trim().toUpperCase() ?? '--'

function byCountry(
  added: readonly Listed[],
  removed: readonly Listed[],
): ReadonlyMap<string, { added: number; removed: number }> {
  const names = [...new Set([...added, ...removed].map(({ country }) => country))].sort()
  const count = (of: readonly Listed[], country: string) => of.filter(one => one.country === country).length
  return new Map(names.map(name => [name, { added: count(added, name), removed: count(removed, name) }]))
}

const line = (mark: string, { country, fingerprint, subject }: Listed): string =>
  `${mark} ${printable(country).padEnd(2)} ${fingerprint} ${printable(subject)}\n`
