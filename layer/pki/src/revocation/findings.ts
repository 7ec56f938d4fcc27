/** The closed table of revocation findings: stable code to clause. */
export const revocationFindings = {
  // about the certificate
  certificate_revoked: 'RFC 5280 §6.3.3',
  revocation_undetermined: 'RFC 5280 §6.3.3',
  revocation_reasons_incomplete: 'RFC 5280 §6.3.3',
  no_rev_avail_misplaced: 'RFC 9608 §3',
  revocation_work_exhausted: 'RFC 5280 §6.3',
  // about a CRL
  crl_malformed: 'RFC 5280 §5.1',
  crl_unknown_critical_extension: 'RFC 5280 §5.2',
  crl_not_yet_valid: 'RFC 5280 §5.1.2.4',
  crl_stale: 'RFC 5280 §6.3.3 (a)',
  crl_no_next_update: 'RFC 5280 §5.1.2.5',
  crl_too_old: 'RFC 5280 §5.1.2.4',
  crl_issuer_mismatch: 'RFC 5280 §6.3.3 (b)(1)',
  crl_indirect_refused: 'Baseline Requirements §7.2.2.1',
  crl_distribution_point_mismatch: 'RFC 5280 §6.3.3 (b)(2)(i)',
  crl_only_user_certificates: 'RFC 5280 §6.3.3 (b)(2)(ii)',
  crl_only_ca_certificates: 'RFC 5280 §6.3.3 (b)(2)(iii)',
  crl_only_attribute_certificates: 'RFC 5280 §6.3.3 (b)(2)(iv)',
  crl_version_1_certificate: 'RFC 5280 §5.2.5',
  crl_reasons_already_covered: 'RFC 5280 §6.3.3 (e)',
  crl_signer_not_found: 'RFC 5280 §6.3.3 (f)',
  crl_signer_invalid: 'RFC 5280 §6.3.3 (f)',
  crl_signer_key_usage: 'RFC 5280 §6.3.3 (f)',
  crl_signature_algorithms_differ: 'RFC 5280 §5.1.2.2',
  crl_signature_invalid: 'RFC 5280 §6.3.3 (g)',
  crl_delta_without_base: 'RFC 5280 §5.2.4',
  crl_after_expiry: 'X.509 §9.5.2.8',
  // about an OCSP response
  ocsp_malformed: 'RFC 6960 §4.2.1',
  ocsp_unsuccessful: 'RFC 6960 §2.3',
  ocsp_no_matching_response: 'RFC 6960 §3.2 (1)',
  ocsp_unknown_critical_extension: 'RFC 6960 §4.4',
  ocsp_nonce_mismatch: 'RFC 9654 §2.1',
  ocsp_not_yet_valid: 'RFC 6960 §3.2 (5)',
  ocsp_stale: 'RFC 6960 §3.2 (6)',
  ocsp_no_next_update: 'RFC 6960 §4.2.2.1',
  ocsp_too_old: 'RFC 6960 §3.2 (5)',
  ocsp_produced_in_future: 'RFC 6960 §2.4',
  ocsp_produced_too_early: 'RFC 6960 §2.4',
  ocsp_responder_not_found: 'RFC 6960 §3.2 (3)',
  ocsp_responder_unauthorized: 'RFC 6960 §4.2.2.2',
  ocsp_responder_invalid: 'RFC 6960 §3.2 (4)',
  ocsp_responder_revoked: 'RFC 6960 §4.2.2.2.1',
  ocsp_signature_invalid: 'RFC 6960 §3.2 (2)',
  ocsp_after_expiry: 'RFC 6960 §4.4.4',
  ocsp_status_unknown: 'RFC 6960 §2.2',
  // about the run
  algorithm_unavailable: 'RFC 5280 §6.1',
} as const satisfies Readonly<Record<string, string>>

export type RevocationFindingCode = keyof typeof revocationFindings

export type RevocationSource = 'crl' | 'ocsp'

/** Why evidence was refused, or what it said. Codes are those of revocationFindings. */
export interface RevocationFinding {
  readonly code: RevocationFindingCode
  readonly clause: string
  readonly message: string
  readonly source?: RevocationSource
  readonly index?: number
}

/** A finding by its code, with its clause from the table. */
export function revocationFinding(
  code: RevocationFindingCode,
  message: string,
  source?: RevocationSource,
  index?: number,
): RevocationFinding {
  return {
    code,
    clause: revocationFindings[code],
    message,
    ...(source !== undefined && { source }),
    ...(index !== undefined && { index }),
  }
}
