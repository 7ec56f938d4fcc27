import { type RevocationFindingCode, revocationFindings } from '../revocation/findings.ts'

/**
 * The closed table of what a verdict can say, by stable code: the clause that is not met, and whether the path fails by it. A code
 * keeps its meaning once published. What revocation checking says is in revocationFindings and joined below.
 */
const pathFindings = {
  // the input
  certificate_malformed: 'RFC 5280 §4.1',
  extension_malformed: 'RFC 5280 §4.2',
  name_malformed: 'RFC 5280 §4.1.2.4',
  intermediate_malformed: 'RFC 5280 §4.1',
  anchor_malformed: 'RFC 5280 §6.1.1 (d)',
  // building
  no_path: 'RFC 5280 §6.1',
  path_too_long: 'RFC 5280 §6.1',
  steps_exhausted: 'RFC 5280 §8',
  signature_checks_exhausted: 'RFC 5280 §8',
  // basic processing
  signature_invalid: 'RFC 5280 §6.1.3 (a)(1)',
  signature_malformed: 'RFC 5280 §6.1.3 (a)(1)',
  algorithm_unavailable: 'RFC 5280 §6.1.3 (a)(1)',
  signature_algorithms_differ: 'RFC 5280 §4.1.1.2',
  signature_compatibility: 'RFC 8017 §9.2',
  extension_compatibility: 'RFC 5280 §4.1, X.690 §10, §11',
  compatibility_would_help: 'profile: compatibilities',
  not_yet_valid: 'RFC 5280 §6.1.3 (a)(2)',
  expired: 'RFC 5280 §6.1.3 (a)(2)',
  name_excluded: 'RFC 5280 §6.1.3 (c)',
  name_not_permitted: 'RFC 5280 §6.1.3 (b)',
  name_constraint_malformed: 'RFC 5280 §4.2.1.10',
  name_constraint_unsupported: 'RFC 5280 §4.2.1.10',
  no_valid_policy: 'RFC 5280 §6.1.3 (f)',
  policy_mapping_of_any_policy: 'RFC 5280 §6.1.4 (a)',
  not_a_ca: 'RFC 5280 §6.1.4 (k)',
  path_length_exceeded: 'RFC 5280 §6.1.4 (l)',
  key_usage_without_cert_sign: 'RFC 5280 §6.1.4 (n)',
  unknown_critical_extension: 'RFC 5280 §6.1.4 (o)',
  critical_extension_not_understood: 'RFC 5280 §4.2',
  // what the caller wants of the certificate
  purpose_not_allowed: 'RFC 5280 §4.2.1.12',
  key_usage_not_allowed: 'RFC 5280 §4.2.1.3',
  peer_name_mismatch: 'RFC 9525 §6',
  peer_name_invalid: 'RFC 9525 §6.1',
  // keys and algorithms a profile allows
  signature_algorithm_forbidden: 'profile: signature algorithms',
  key_forbidden: 'profile: public keys',
  key_malformed: 'RFC 5280 §4.1.2.7',
  algorithm_parameters: 'RFC 5280 §4.1.1.2',
  // the certificate profile of RFC 5280 §4
  serial_number_invalid: 'RFC 5280 §4.1.2.2',
  time_encoding: 'RFC 5280 §4.1.2.5',
  validity_reversed: 'RFC 5280 §4.1.2.5',
  issuer_empty: 'RFC 5280 §4.1.2.4',
  subject_empty: 'RFC 5280 §4.1.2.6',
  unique_identifier_present: 'RFC 5280 §4.1.2.8',
  authority_key_identifier_missing: 'RFC 5280 §4.2.1.1',
  subject_key_identifier_missing: 'RFC 5280 §4.2.1.2',
  key_usage_missing: 'RFC 5280 §4.2.1.3',
  key_usage_empty: 'RFC 5280 §4.2.1.3',
  key_usage_inconsistent: 'RFC 5280 §4.2.1.3',
  key_usage_of_key_type: 'RFC 9881 §5, RFC 8410 §5, RFC 5480 §3',
  subject_alt_name_not_critical: 'RFC 5280 §4.2.1.6',
  subject_alt_name_malformed: 'RFC 5280 §4.2.1.6',
  path_length_misplaced: 'RFC 5280 §4.2.1.9',
  name_constraints_misplaced: 'RFC 5280 §4.2.1.10',
  distribution_point_form: 'RFC 5280 §4.2.1.13',
  extension_not_critical: 'RFC 5280 §4.2',
  extension_critical: 'RFC 5280 §4.2',
  // the Web PKI
  version_not_3: 'Baseline Requirements §7.1.1',
  end_entity_is_ca: 'Baseline Requirements §7.1.2.7.8',
  purpose_missing: 'Baseline Requirements §7.1.2.7.10',
  purpose_forbidden: 'Baseline Requirements §7.1.2.7.10, §7.1.2.10.6',
  key_usage_of_server: 'Baseline Requirements §7.1.2.7.11',
  purpose_critical: 'Baseline Requirements §7.1.2.7.6',
  purpose_in_root: 'Baseline Requirements §7.1.2.1.2',
  authority_key_identifier_of_root: 'Baseline Requirements §7.1.2.1.3',
  subject_alt_name_missing: 'Baseline Requirements §7.1.2.7.12',
  subject_alt_name_critical: 'Baseline Requirements §7.1.2.7.12',
  subject_alt_name_form: 'Baseline Requirements §7.1.2.7.12',
  wildcard_of_public_suffix: 'Baseline Requirements §3.2.2.6',
  common_name_not_in_subject_alt_name: 'Baseline Requirements §7.1.4.3',
  common_name_repeated: 'Baseline Requirements §7.1.4.3',
  // S/MIME
  smime_purpose: 'S/MIME Baseline Requirements §7.1.2',
  smime_key_usage: 'S/MIME Baseline Requirements §7.1.2',
  smime_certificate: 'S/MIME Baseline Requirements §7.1',
  // time stamping and code signing
  purpose_not_alone: 'RFC 3161 §2.3',
  // travel documents
  country_missing: 'ICAO Doc 9303-12 §7.1.1.1',
  country_mismatch: 'ICAO Doc 9303-12 §7.1.1.1',
  key_usage_not_exact: 'ICAO Doc 9303-12 §7.1.1',
  extension_missing: 'ICAO Doc 9303-12 §7.1.1',
  extension_forbidden: 'ICAO Doc 9303-12 §7.1.1',
} as const satisfies Readonly<Record<string, string>>

/** Every code a finding can carry, with the clause it refers to. */
export const findingTable: Readonly<Record<FindingCode, string>> = Object.freeze({
  ...revocationFindings,
  ...pathFindings,
})

export type PathFindingCode = keyof typeof pathFindings
export type FindingCode = PathFindingCode | RevocationFindingCode

/** `error`: the path is invalid by it. `warning`: the verdict stands, and someone should look. */
export type Severity = 'error' | 'warning'

/** One thing found. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** Index in the path, 0 the target; the length of the path stands for the trust anchor. Null: the whole input. */
  readonly certificate: number | null
  readonly clause: string
  /** For a person; its wording may change. */
  readonly message: string
}

/** A finding with its clause from the table. */
export function finding(
  code: FindingCode,
  certificate: number | null,
  message: string,
  severity: Severity = 'error',
): Finding {
  return { code, severity, certificate, clause: findingTable[code], message }
}
