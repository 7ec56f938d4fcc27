import { defined } from '@mmf/framework'
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
    ...defined({ country }),
    notBefore: row.notBefore,
    notAfter: row.notAfter,
    ...defined({ validFrom, validTo }),
    sources: vouchers.map(({ source }) => source),
    ...defined({ provenance }),
    action: row.action,
    ...defined({ reason }),
    principal: row.principal,
    changedAt: row.changedAt,
    generation: row.generation,
    ...(kind === 'quarantined' && quarantine !== undefined ? { quarantine } : {}),
  }
}

export function pemOf({ certificate }: TrustEntry): string | undefined {
  return certificate === undefined ? undefined : toPem('CERTIFICATE', certificate.der)
}
