import type { RevocationContext } from './types.ts'

type Status = ReturnType<RevocationContext['verifySignature']>['status']

/** What is wrong with the signature of a CRL or of an OCSP response; `invalid` is the code where it does not verify. */
export function problemOfStatus<Code extends string>(
  status: Status,
  invalid: Code,
): Code | 'algorithm_unavailable' | 'revocation_work_exhausted' | undefined {
  switch (status) {
    case 'valid':
      return undefined
    case 'unavailable':
      return 'algorithm_unavailable'
    case 'exhausted':
      return 'revocation_work_exhausted'
    default:
      return invalid
  }
}
