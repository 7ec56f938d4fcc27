/**
 * What stands before the subjects of principals without a token. No issuer of tokens may be called like one of these, and the one whose
 * subjects carry no issuer may have no subject that begins so: otherwise a token could name the principal of another credential.
 */
export const subjectPrefixes = { apiKey: 'api_key#', certificate: 'certificate#', iam: 'iam#' } as const

export const reservedPrefixes: readonly string[] = Object.values(subjectPrefixes)
