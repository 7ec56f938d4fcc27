import { toPem } from '@mmf/pki'
import type { Anchor } from './schemas.ts'
import { type ListedEntry, purposesOf, type TrustEntry } from './store/trust-entry.ts'

/** An entry as its readers see it. */
export function toAnchor({ row, names }: ListedEntry): Anchor {
  const { fingerprint, kind, status, vouchers, country, validFrom, validTo, provenance, reason, quarantine } = row
  return {
    anchorId: fingerprint,
    kind,
    status,
    purposes: [...purposesOf(row)],
    ...names,
    ...(country === undefined ? {} : { country }),
    notBefore: row.notBefore,
    notAfter: row.notAfter,
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
    sources: vouchers.map(({ source }) => source),
    ...(provenance === undefined ? {} : { provenance }),
    action: row.action,
    ...(reason === undefined ? {} : { reason }),
    principal: row.principal,
    changedAt: row.changedAt,
    generation: row.generation,
    ...(kind === 'quarantined' && quarantine !== undefined ? { quarantine } : {}),
  }
}

export function pemOf({ certificate }: TrustEntry): string | undefined {
  return certificate === undefined ? undefined : toPem('CERTIFICATE', certificate.der)
}
