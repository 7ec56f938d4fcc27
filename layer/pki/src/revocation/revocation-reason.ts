/** CRLReason (RFC 5280 §5.3.1) by value; 7 is not used. */
export const revocationReasons = {
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

export type RevocationReason = (typeof revocationReasons)[keyof typeof revocationReasons]

/** Every reason of ReasonFlags (RFC 5280 §4.2.1.13) as a mask: bits 1 to 8, bit 0 is unused. */
export const allReasons = 0b1_1111_1110
