import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import { keySpecs } from '../../../layer/framework/src/keys/key-specs.ts'
import type { SignatureParameters } from '../../../layer/framework/src/keys/signature-parameters.ts'
import { verifySignature } from '../../../layer/framework/src/keys/verify-signature.ts'
import type { SignatureScheme } from '../../../layer/pki/src/signature/signature-scheme.ts'

/** What the platform's verification of signed documents is given. */
interface Signed {
  readonly spki: Uint8Array
  /** Upstream's name of the curve of an EC key. */
  readonly curve?: string | undefined
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export interface PlatformVerdict {
  /** `document` or `digest`: what was verified. */
  readonly by: string
  readonly valid: boolean
  readonly reason: string
}

/** The hashes and curves that the platform signs with. */
const hashes: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512'])
const curves: Readonly<Record<string, string>> = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
}

/**
 * The verdicts of the function that answers `POST /v1/documents/verify`, over the document and, where the algorithm has one, over its digest. None for
 * schemes that the platform does not sign with.
 */
export async function platformVerdicts(scheme: SignatureScheme, signed: Signed): Promise<readonly PlatformVerdict[]> {
  const parameters = parametersOf(scheme, signed.curve)
  if (parameters === undefined) return []
  const { spki, message, signature } = signed
  const inputs: [string, { message: Uint8Array } | { digest: Uint8Array }][] = [['document', { message }]]
  if (parameters.scheme !== 'ml-dsa' && parameters.scheme !== 'ed25519') {
    inputs.push(['digest', { digest: createHash(parameters.hash).update(message).digest() }])
  }
  return Promise.all(
    inputs.map(async ([by, input]) => {
      const verdict = await verifySignature(parameters, spki, input, signature)
      return { by, valid: verdict.valid, reason: verdict.valid ? '' : verdict.reason }
    }),
  )
}

function parametersOf(scheme: SignatureScheme, curveName = ''): SignatureParameters | undefined {
  if (scheme.kind === 'pure') {
    const spec = Object.values(keySpecs).find(row => row.type === scheme.keyType)
    if (spec?.type === 'ed25519') return { scheme: 'ed25519' }
    if (spec === undefined || spec.type === 'rsa' || spec.type === 'ec') return undefined
    const { context } = scheme
    return { scheme: 'ml-dsa', type: spec.type, ...defined({ context }) }
  }
  const { hash } = scheme
  if (!hashes.has(hash)) return undefined
  if (scheme.kind === 'rsa-pkcs1') return { scheme: 'rsa-pkcs1', hash }
  if (scheme.kind === 'rsa-pss') {
    const { mgfHash, saltLength: saltBytes } = scheme
    return hashes.has(mgfHash) ? { scheme: 'rsa-pss', hash, mgfHash, saltBytes } : undefined
  }
  const curve = curves[curveName]
  return scheme.kind === 'ecdsa' && scheme.encoding === 'der' && curve !== undefined
    ? { scheme: 'ecdsa', hash, curve }
    : undefined
}
