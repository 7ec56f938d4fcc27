/** What an entry of the trust store is. */
export const trustKinds = ['anchor', 'link', 'quarantined'] as const
export type TrustKind = (typeof trustKinds)[number]

/** What a certificate of the directory is for; decided from the certificate itself, not from where it was found. */
export const certificateKinds = ['dsc', 'csca', 'master_list_signer'] as const
