import { defined, MmfError, put } from '@mmf/framework'
import { type Certificate, createKeyCache } from '@mmf/pki'
import { trustAnchorAdded } from '../events/trust-anchor-added.ts'
import type { AddRequest, Changed } from '../schemas.ts'
import { certificateRow, countryOf, subjectKey } from '../store/certificate-facts.ts'
import { readCertificate } from '../store/read-certificate.ts'
import { trustCertificates } from '../tables/trust-certificates.ts'
import type { TrustEntryRow, Voucher } from '../tables/trust-entries.ts'
import { type ChangeKind, correlation } from './change-kind.ts'
import type { PlannedEntry } from './change-plan.ts'
import { administrator, newEntry, revouched, withVoucher } from './entry-plan.ts'
import { anchorFaults } from './judge-certificate.ts'

/** An administrator vouches for a certificate. */
export const addition: ChangeKind<AddRequest, Changed> = {
  operation: 'add_trust_anchor',
  action: 'anchor_added',
  reason: () => undefined,
  async plan(request, planning) {
    const { base, store, context, principal } = planning
    const certificate = readCertificate(request.certificate)
    const key = subjectKey(certificate.subject)
    checkSuitable(certificate, request)
    const { fingerprint: anchorId } = certificate
    const known = (await store.byFingerprint(anchorId, base.generation))?.row
    checkNew(known)
    const entry = nextStanding(certificate, request, known)
    const row =
      key === undefined || known !== undefined ? [] : [put(trustCertificates, certificateRow(certificate, key))]
    const { subject } = certificate.toJSON()
    return {
      plan: { entries: [entry], content: row, record: { anchorId } },
      accompany: activation => [
        context.events.outbox(
          trustAnchorAdded,
          {
            anchorId,
            generation: activation.generation,
            subject,
            purposes: request.purposes,
            principal,
            ...defined({ country: entry.country }),
          },
          correlation(planning, anchorId),
        ),
      ],
      answer: ({ generation }) => ({ anchorId, generation, status: entry.status }),
      preview: { anchorId, subject, purposes: request.purposes, notAfter: entry.notAfter },
    }
  },
}

/** @throws {MmfError} `trust_anchor_unsuitable` with every fault */
function checkSuitable(certificate: Certificate, request: AddRequest): void {
  const { purposes, allowNotSelfSigned = false, country, validFrom, validTo } = request
  const faults = [...anchorFaults(certificate, purposes, { allowNotSelfSigned, keyCache: createKeyCache() })]
  const own = countryOf(certificate.subject)
  if (country !== undefined && own !== undefined && own !== country) {
    faults.push({ code: 'country_mismatch', message: `the subject names ${own}, the request ${country}` })
  }
  if (validFrom !== undefined && validTo !== undefined && Date.parse(validFrom) > Date.parse(validTo)) {
    faults.push({ code: 'window_empty', message: 'validFrom is later than validTo' })
  }
  if (subjectKey(certificate.subject) === undefined || certificate.subject.isEmpty) {
    faults.push({ code: 'name_malformed', message: 'an anchor has a subject' })
  }
  if (faults.length === 0) return
  throw new MmfError('trust_anchor_unsuitable', {
    detail: faults.map(({ code, message }) => `${code}: ${message}`).join('; '),
    errors: faults.map(({ code, message }) => ({ path: 'certificate', code, message })),
  })
}

/** @throws {MmfError} `trust_anchor_exists` */
function checkNew(known: TrustEntryRow | undefined): void {
  if (known?.status === 'distrusted') {
    throw new MmfError('trust_anchor_exists', { detail: `${known.fingerprint} is distrusted: restore it instead` })
  }
  if (known?.vouchers.some(({ source }) => source === administrator) === true) {
    throw new MmfError('trust_anchor_exists', { detail: known.fingerprint })
  }
}

function nextStanding(certificate: Certificate, request: AddRequest, known: TrustEntryRow | undefined): PlannedEntry {
  const voucher: Voucher = { source: administrator, kind: 'anchor', purposes: [...new Set(request.purposes)] }
  const entry =
    known === undefined
      ? newEntry(certificate, [voucher])
      : revouched(known, withVoucher(known.vouchers, administrator, voucher))
  const { country, validFrom, validTo, provenance } = request
  return {
    ...entry,
    ...defined({
      country,
      validFrom: validFrom === undefined ? undefined : new Date(validFrom).toISOString(),
      validTo: validTo === undefined ? undefined : new Date(validTo).toISOString(),
      provenance,
    }),
  }
}
