import type { SignatureVerdict } from '../signature/verify.ts'
import { bytesEqual, bytesKey } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'

/**
 * Signatures that were verified before, by certificate and issuer key. The outcome holds for ever, so one memo may serve any number of
 * validations under the same compatibilities; it is bounded, and the oldest entries leave first.
 */
export interface SignatureMemo {
  get(certificate: Certificate, issuerSpki: Uint8Array, compatibility: string): SignatureVerdict | undefined
  set(certificate: Certificate, issuerSpki: Uint8Array, compatibility: string, verdict: SignatureVerdict): void
}

/**
 * A memo to hand to several validations.
 * @param maxEntries default 10,000, about 500 bytes each
 */
export function createSignatureMemo(maxEntries = 10_000): SignatureMemo {
  const entries = new Map<string, SignatureVerdict>()
  const keyOf = (certificate: Certificate, spki: Uint8Array, compatibility: string): string =>
    `${certificate.fingerprint}${compatibility}${bytesKey(spki)}`
  return {
    get: (certificate, spki, compatibility) => entries.get(keyOf(certificate, spki, compatibility)),
    set: (certificate, spki, compatibility, verdict) => {
      entries.set(keyOf(certificate, spki, compatibility), verdict)
      if (entries.size <= maxEntries) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
  }
}

/**
 * What one validation remembers by itself: no hashing, gone with the verdict. A list, since the limit on signature checks keeps it short.
 */
export function createRunMemo(): SignatureMemo {
  const entries: {
    readonly certificate: Certificate
    readonly spki: Uint8Array
    readonly verdict: SignatureVerdict
  }[] = []
  return {
    get: (certificate, spki) => {
      for (const entry of entries) {
        if (entry.certificate === certificate && bytesEqual(entry.spki, spki)) return entry.verdict
      }
      return undefined
    },
    set: (certificate, spki, _compatibility, verdict) => {
      entries.push({ certificate, spki, verdict })
    },
  }
}
