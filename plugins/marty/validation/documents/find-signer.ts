import { type Call, isMmfError, MmfError } from '@mmf/framework'
import { type Certificate, certificatesOfSigners, parseCertificate, type Sod, verifySignedData } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'
import { lookupPublicKey } from '../../directory/operations/lookup-public-key.ts'
import type { ValidationContext } from '../operation.ts'

/**
 * The certificate of a document's signer: embedded, given, or of the public key directory, by issuer and serial number or key identifier
 * (RFC 5652 §5.3). Of several that are named alike, the one under whose key the signature verifies.
 * @throws {MmfError} `document_signer_not_found`
 */
export async function findSigner(
  { signedData }: Sod,
  given: readonly Certificate[],
  at: string,
  { context, call }: { readonly context: ValidationContext; readonly call: Call },
): Promise<Certificate> {
  const among = (certificates: readonly Certificate[]) => {
    const policy = { explicitCurves: true, digestInfoWithoutNull: true }
    const [signer] = verifySignedData(signedData, { certificates, tolerant: true, policy }).signers
    return signer?.certificate ?? certificatesOfSigners(signedData, certificates)[0]
  }
  const here = among(given)
  if (here !== undefined) return here
  const [sid] = signedData.signerInfos.map(signer => signer.sid)
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const reference =
    sid?.type === 'issuerAndSerialNumber'
      ? { issuer: decoded(() => sid.issuer.toString()) ?? '', serialNumber: hex(sid.serialNumber) }
      : { keyIdentifier: hex(sid?.keyIdentifier ?? new Uint8Array()) }
  try {
    const entry = await context.services.call(lookupPublicKey, reference, call)
    const found = among([parseCertificate(entry.certificate)])
    if (found !== undefined) return found
  } catch (error) {
    if (!isMmfError(error, 'public_key_not_found') && !isMmfError(error, 'validation_failed')) throw error
  }
  const message = 'it embeds no certificate of its signer, none was given, and the directory has none'
  throw new MmfError('document_signer_not_found', {
    detail: `${at}sod: ${message}`,
    errors: [{ path: `${at}sod`, message }],
  })
}
