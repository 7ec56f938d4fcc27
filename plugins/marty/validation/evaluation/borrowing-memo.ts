import { createSignatureMemo, type SignatureMemo } from '@mmf/pki'

/** The memo of one validation, over one that a whole call shares. */
export interface BorrowingMemo extends SignatureMemo {
  /** Signatures that were known from another validation: what this one would have had to check alone. */
  readonly borrowed: number
}

/** Takes what others have verified, and counts it, so that a verdict can say what it costs by itself. */
export function borrowingMemo(shared: SignatureMemo): BorrowingMemo {
  const own = createSignatureMemo()
  let borrowed = 0
  return {
    get borrowed() {
      return borrowed
    },
    get(certificate, spki, compatibility) {
      const mine = own.get(certificate, spki, compatibility)
      if (mine !== undefined) return mine
      const known = shared.get(certificate, spki, compatibility)
      if (known === undefined) return undefined
      borrowed += 1
      own.set(certificate, spki, compatibility, known)
      return known
    },
    set(certificate, spki, compatibility, verdict) {
      own.set(certificate, spki, compatibility, verdict)
      shared.set(certificate, spki, compatibility, verdict)
    },
  }
}
