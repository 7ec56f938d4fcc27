import type { PublicKeyInfo } from '../../signature/public-key.ts'
import { signatureAlgorithmByOid, signatureScheme } from '../../signature/signature-algorithms.ts'
import type { AlgorithmIdentifier } from '../../signature/types.ts'
import type { CertificateRule, KeyPolicy, SignaturePolicy } from '../types.ts'

/** The keys and signature algorithms a profile allows; its own table says which. */
export const KEY_RULES: readonly CertificateRule[] = [
  {
    code: 'key_forbidden',
    roles: ['anchor', 'ca', 'target'],
    check: (certificate, { profile }) => keyFault(certificate.subjectPublicKeyInfo.info, profile.keys),
  },
  {
    code: 'signature_algorithm_forbidden',
    // An anchor is trusted for what it is: nobody relies on its own signature.
    roles: ['ca', 'target'],
    check: (certificate, { profile }) => signatureFault(certificate.signatureAlgorithm, profile.signatures),
  },
]

/** Undefined for a key that the policy allows. */
export function keyFault(key: PublicKeyInfo, policy: KeyPolicy): string | undefined {
  switch (key.type) {
    case 'rsa':
    case 'rsa-pss': {
      if (policy.rsa === undefined) return 'RSA keys are not allowed'
      const { minBits, multipleOf = 1 } = policy.rsa
      if (key.bits < minBits) return `RSA modulus of ${key.bits} bits, ${minBits} are wanted`
      if (key.bits % multipleOf !== 0) return `RSA modulus of ${key.bits} bits, a multiple of ${multipleOf} is wanted`
      return key.exponent % 2n === 1n && key.exponent > 1n ? undefined : 'RSA exponent is even or 1'
    }
    case 'ec':
      if (!policy.curves.includes(key.curve.name)) return `curve ${key.curve.name} is not allowed`
      return key.explicit && !policy.explicitCurves ? 'the curve is spelt out instead of named' : undefined
    case 'dsa':
      if (policy.dsa === undefined) return 'DSA keys are not allowed'
      // The size of a key that inherits its parameters is that of its issuer, which was checked.
      return key.inherits || key.bits >= policy.dsa.minBits ? undefined : `DSA key of ${key.bits} bits`
    case 'pure':
      return policy.pure.includes(key.keyType) ? undefined : `${key.keyType} keys are not allowed`
    case 'unknown':
      return undefined
  }
}

/** Undefined for an algorithm that the policy allows, or that is not known: verification then names it unavailable. */
export function signatureFault(algorithm: AlgorithmIdentifier, policy: SignaturePolicy): string | undefined {
  const row = signatureAlgorithmByOid(algorithm.oid)
  if (row === undefined) return undefined
  const scheme = row.scheme ?? signatureScheme(algorithm)
  // Which pure algorithms are allowed, the policy on keys says: they sign with nothing else.
  if (scheme.kind === 'pure') return undefined
  return policy[scheme.kind]?.includes(scheme.hash) === true
    ? undefined
    : `${row.name} with ${scheme.hash} is not allowed`
}
