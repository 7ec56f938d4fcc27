/** CRLReason (RFC 5280 §5.3.1) by value; 7 is not used. */
export const REVOCATION_REASONS = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
} as const

export type RevocationReason = (typeof REVOCATION_REASONS)[keyof typeof REVOCATION_REASONS]

/** Every reason of ReasonFlags (RFC 5280 §4.2.1.13) as a mask: bits 1 to 8, bit 0 is unused. */
export const ALL_REASONS = 0b1_1111_1110
