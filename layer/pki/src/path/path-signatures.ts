import { completeDsaParameters } from '../signature/dsa-parameters.ts'
import type { KeyCache, SignatureCompatibility } from '../signature/types.ts'
import { type SignatureVerdict, verifyRequest } from '../signature/verify.ts'
import { type Finding, finding, type PathFindingCode } from '../verdict/findings.ts'
import type { Certificate } from '../x509/certificate.ts'
import { type Budget, BudgetExhausted } from './budget.ts'
import { faultOfError } from './certificate-checks.ts'
import type { CandidatePath } from './path-processing.ts'
import type { SignatureMemo } from './signature-memo.ts'

/** How signatures are verified throughout one validation. */
export interface SignatureSettings {
  readonly compatibility: SignatureCompatibility
  readonly keyCache: KeyCache
  readonly memo: SignatureMemo
}

/** `keys[i]` verified certificate i: the issuer's SubjectPublicKeyInfo with inherited DSA parameters (§6.1.4 (d) to (f)). */
export interface PathSignatures {
  readonly findings: readonly Finding[]
  readonly keys: readonly Uint8Array[]
}

const statusCodes: Readonly<Record<Exclude<SignatureVerdict['status'], 'valid'>, PathFindingCode>> = {
  invalid: 'signature_invalid',
  unavailable: 'algorithm_unavailable',
  malformed: 'signature_malformed',
}

/**
 * RFC 5280 §6.1.3 (a)(1) for the whole path, from the anchor's side on; ends at the first signature that is not valid, since
 * the keys below it mean nothing.
 * @throws BudgetExhausted
 */
export function verifyPathSignatures(
  { anchor, certificates }: CandidatePath,
  settings: SignatureSettings,
  budget: Budget,
): PathSignatures {
  const findings: Finding[] = []
  const keys = new Array<Uint8Array>(certificates.length)
  const { explicitCurves, digestInfoWithoutNull } = settings.compatibility
  const mark = `${explicitCurves === true}${digestInfoWithoutNull === true}`
  let workingKey = anchor.spki
  for (let index = certificates.length - 1; index >= 0; index--) {
    const certificate = certificates[index] as Certificate
    keys[index] = workingKey
    try {
      const verdict = verifyCertificate(certificate, workingKey, mark, settings, budget)
      if (verdict.status !== 'valid') {
        const message = 'reason' in verdict ? verdict.reason : 'the signature does not verify under the issuer’s key'
        findings.push(finding(statusCodes[verdict.status], index, message))
        break
      }
      // Curves that are spelt out need no remark: the profiles that allow them are those whose standard asks for them.
      if (verdict.compatibility?.includes('rsa-digestinfo-without-null') === true) {
        findings.push(finding('signature_compatibility', index, 'rsa-digestinfo-without-null', 'warning'))
      }
      if (index > 0) workingKey = inheritedKey(certificate, workingKey)
    } catch (cause) {
      if (cause instanceof BudgetExhausted) throw cause
      const { code, message } = faultOfError(cause)
      findings.push(finding(code, index, message))
      break
    }
  }
  return { findings, keys }
}

function inheritedKey(certificate: Certificate, issuerKey: Uint8Array): Uint8Array {
  const { raw, info } = certificate.subjectPublicKeyInfo
  return info.type === 'dsa' && info.inherits ? completeDsaParameters(raw, issuerKey) : raw
}

function verifyCertificate(
  certificate: Certificate,
  spki: Uint8Array,
  mark: string,
  { compatibility, keyCache, memo }: SignatureSettings,
  budget: Budget,
): SignatureVerdict {
  const known = memo.get(certificate, spki, mark)
  if (known !== undefined) return known
  if (!budget.takeSignature()) throw new BudgetExhausted('signatures')
  const verdict = verifyRequest({
    algorithm: certificate.signatureAlgorithm,
    spki,
    data: certificate.tbs,
    signature: certificate.signature,
    policy: compatibility,
    keyCache,
  })
  memo.set(certificate, spki, mark, verdict)
  return verdict
}
