import { put } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'
import type { Evaluated } from '../evaluation/evaluate.ts'
import { slices } from '../inputs/evidence-store.ts'
import type { ValidationContext } from '../operation.ts'
import { type IssuedRow, validationIssued } from '../tables/validation-issued.ts'

/** Rows in one call of the database port. */
const rowsAtOnce = 100

/** Files each certificate of these verdicts under its issuer, so that a revocation list finds it. Before the verdicts: rather one too many. */
export async function keepIssued(
  database: ValidationContext['database'],
  evaluated: readonly Evaluated[],
  signal: AbortSignal,
): Promise<void> {
  const rows = new Map<string, IssuedRow>()
  for (const { target, verdict } of evaluated) {
    const certificates = target instanceof Uint8Array ? [] : [target, ...verdict.path.slice(1)]
    for (const certificate of certificates) {
      const row = rows.has(certificate.fingerprint) ? undefined : issuedRow(certificate)
      if (row !== undefined) rows.set(row.fingerprint, row)
    }
  }
  for (const some of slices([...rows.values()], rowsAtOnce)) {
    const keys = some.map(({ issuerKey, fingerprint }) => ({ issuerKey, fingerprint }))
    const known = await database.getMany(validationIssued, keys, { signal })
    const writes = some.filter((_, index) => known[index] === undefined).map(row => put(validationIssued, row))
    if (writes.length > 0) await database.transaction(writes, { signal })
  }
}

/** Undefined where the issuer's name cannot be decoded: no list names it either. */
function issuedRow({ issuer, fingerprint, serialNumber }: Certificate): IssuedRow | undefined {
  const issuerKey = decoded(() => issuer.key)
  return issuerKey === undefined ? undefined : { issuerKey, fingerprint, serialNumber }
}
