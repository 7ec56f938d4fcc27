import { keyParameterRule } from '../../signature/key-tables.ts'
import { parameterFault } from '../../signature/parameter-rules.ts'
import { isDerPss } from '../../signature/pss-parameters.ts'
import type { PublicKeyInfo } from '../../signature/public-key.ts'
import {
  signatureAlgorithmByOid,
  signatureParameterFault,
  signatureScheme,
} from '../../signature/signature-algorithms.ts'
import type { AlgorithmIdentifier } from '../../signature/types.ts'
import type { CertificateRule, KeyPolicy, SignaturePolicy } from '../types.ts'

/**
 * The keys and signature algorithms a profile allows; its own table says which. A subject key that is no key is `key_malformed` in every
 * place, also where nothing is verified under it: reading it decides.
 */
export const keyRules: readonly CertificateRule[] = [
  {
    code: 'key_forbidden',
    roles: ['anchor', 'ca', 'target'],
    check: (certificate, { profile }) => keyFault(certificate.subjectPublicKeyInfo.info, profile.keys),
  },
  {
    code: 'signature_algorithm_forbidden',
    // An anchor is trusted for what it is: nothing relies on its own signature.
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
      return undefined
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
      return policy.others === true ? undefined : `keys of the algorithm ${key.oid} are not allowed`
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

/** AlgorithmIdentifiers in the forms that RFC 5280 §4.1.1.2, §4.1.2.3 and §4.1.2.7 leave to the standards of the algorithms. */
export function parameterRules(level: 'conforming' | 'exact'): readonly CertificateRule[] {
  return [
    {
      code: 'algorithm_parameters',
      roles: ['ca', 'target'],
      check: ({ signatureAlgorithm }) => signatureParameterFault(signatureAlgorithm, level),
    },
    {
      code: 'algorithm_parameters',
      roles: ['anchor', 'ca', 'target'],
      check: ({ subjectPublicKeyInfo: key }) => (key.isUsual ? undefined : keyParameterFault(key.algorithm, level)),
    },
  ]
}

function keyParameterFault(
  { oid, parameters }: AlgorithmIdentifier,
  level: 'conforming' | 'exact',
): string | undefined {
  const rule = keyParameterRule(oid)
  if (rule === undefined) return undefined
  const fault = parameterFault(rule, parameters, level)
  if (fault !== undefined) return `the algorithm of the key has ${fault}`
  if (rule !== 'pssKey') return undefined
  // Baseline Requirements §7.1.3.1.1: an RSA key is named by rsaEncryption, and by nothing else.
  if (level === 'exact') return 'the algorithm of the key is id-RSASSA-PSS instead of rsaEncryption'
  return parameters === undefined || isDerPss(parameters) ? undefined : 'the key writes a DEFAULT out (X.690 §11.5)'
}
