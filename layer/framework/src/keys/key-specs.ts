import {
  type KeySpec,
  type SigningAlgorithmName,
  signingAlgorithm,
  signingAlgorithmNames,
} from './signing-algorithms.ts'

/**
 * What each key spec is, once: `type` is `KeyObject.asymmetricKeyType`, `curve` OpenSSL's name of the curve. RSA sizes in bits,
 * the others in bytes (FIPS 204 table 2; `coordinateBytes` is ceil(log256 p) of SEC 1 §2.3.5).
 */
export const keySpecs = {
  RSA_3072: { type: 'rsa', modulusBits: 3072 },
  ECC_NIST_P256: { type: 'ec', curve: 'prime256v1', coordinateBytes: 32 },
  ECC_NIST_P384: { type: 'ec', curve: 'secp384r1', coordinateBytes: 48 },
  ECC_NIST_P521: { type: 'ec', curve: 'secp521r1', coordinateBytes: 66 },
  ML_DSA_44: { type: 'ml-dsa-44', publicKeyBytes: 1312, signatureBytes: 2420 },
  ML_DSA_65: { type: 'ml-dsa-65', publicKeyBytes: 1952, signatureBytes: 3309 },
  ML_DSA_87: { type: 'ml-dsa-87', publicKeyBytes: 2592, signatureBytes: 4627 },
} as const satisfies Record<KeySpec, KeySpecRow>

export type MlDsaType = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87'

export type KeySpecRow =
  | { readonly type: 'rsa'; readonly modulusBits: number }
  | { readonly type: 'ec'; readonly curve: string; readonly coordinateBytes: number }
  | { readonly type: MlDsaType; readonly publicKeyBytes: number; readonly signatureBytes: number }

export const keySpecNames = Object.keys(keySpecs) as readonly KeySpec[]

/** Whether a string from outside names a key spec. */
export function isKeySpec(value: string): value is KeySpec {
  return Object.hasOwn(keySpecs, value)
}

/** The id of a key: `<key name>-<key spec>`, e.g. `document_signer-rsa-3072`. */
export function keyIdOf(keyName: string, keySpec: KeySpec): string {
  return `${keyName}-${keySpec.toLowerCase().replaceAll('_', '-')}`
}

/** Every algorithm that a key of this spec can sign with, in the order of the table. */
export function algorithmsOf(keySpec: KeySpec): readonly SigningAlgorithmName[] {
  return signingAlgorithmNames.filter(name => signingAlgorithm(name).keySpec === keySpec)
}
