/** What would have to change for a finding to go away, by kind. */
export const remedies = {
  reissue: 'The issuer would have to issue another certificate that is right in this.',
  purpose: 'A certificate that was issued for this use would have to be presented, or another profile be asked for.',
  profile: 'A certificate with algorithms and keys that the profile allows would have to be issued.',
  time: 'A moment inside the validity would have to be judged, or a certificate that is valid then be presented.',
  copy: 'A complete and undamaged copy would have to be handed in.',
  trust: 'An anchor above it would have to be trusted, or the missing certificates in between be given.',
  decision: 'An administrator of the trust store would have to decide otherwise.',
  revoked: 'Nothing that the holder can do: a certificate that is not revoked would have to be used.',
  list: 'A current revocation list of the right issuer would have to be given or published.',
  response: 'A current OCSP response of the right responder would have to be given or published.',
  evidence: 'Revocation evidence for this certificate would have to be given, or found in the directory.',
  runtime: 'It would have to be judged where this algorithm is available, or be signed with another one.',
  work: 'Fewer certificates and pieces of evidence, only those that belong to it, would have to be given.',
  request: 'The request would have to ask for what the certificate really names.',
  compatibility: 'The named compatibility could be allowed in the request, if your policy permits it.',
  resign: 'The signer would have to sign anew; reading the data again is worth trying first.',
  reread:
    'The document would have to be read again; where the same comes out, it was altered or is not the one that was signed.',
  present: 'What was not presented would have to be presented.',
  state: 'A document of the State that stands behind the signature would have to be presented.',
  chip: 'The chip would have to be asked again with a new challenge; where the same comes out, it is not the chip that was issued.',
} as const

export type Remedy = keyof typeof remedies
