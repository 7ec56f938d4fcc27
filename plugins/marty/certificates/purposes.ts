import type { ProfileName } from '@mmf/pki'

/** What an anchor may be trusted for. No purpose stands for another one. */
export const trustPurposes = [
  'csca',
  'master-list-signer',
  'tls',
  'code-signing',
  'timestamping',
  'mtls-client',
  'general',
] as const
export type TrustPurpose = (typeof trustPurposes)[number]

/** Which anchors a validation under a profile may end at: those with one of these purposes. */
export const purposesOfProfile: Readonly<Record<ProfileName, readonly TrustPurpose[]>> = {
  'icao-csca': ['csca'],
  'icao-dsc': ['csca'],
  // Doc 9303-12 §7.1.1: a CSCA issues the certificate of its state's master list signer.
  'master-list-signer': ['csca', 'master-list-signer'],
  webpki: ['tls'],
  'code-signing': ['code-signing'],
  timestamping: ['timestamping'],
  'mtls-client': ['mtls-client'],
  // Responders are certified by the CA they speak for, which may serve either.
  ocsp: ['general', 'tls'],
  rfc5280: ['general'],
}
