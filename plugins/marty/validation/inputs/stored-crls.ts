import { type Call, isMmfError, MmfError } from '@mmf/framework'
import { type CertificateList, parseCrl } from '@mmf/pki'
import { reading } from '../../certificates/certificate-text.ts'
import { readCrlPart } from '../../directory/operations/read-crl-part.ts'
import type { ValidationContext } from '../operation.ts'
import { readContent } from './contents.ts'
import { findEvidence, sha256Of } from './evidence-store.ts'

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

/** Bytes of all stored lists that one call may name. */
const maxBytes = 64_000_000

/**
 * The lists that a request names by their SHA-256: evidence of an earlier verdict, fetched, of the directory, or uploaded.
 * @throws {MmfError} `validation_failed` for one that is not stored, or more bytes than one call may name; `crl_malformed` for what is no CRL
 */
export async function storedCrls(
  fingerprints: readonly string[] = [],
  environment: Environment,
): Promise<readonly CertificateList[]> {
  const lists: CertificateList[] = []
  let bytesLeft = maxBytes
  for (const [index, fingerprint] of fingerprints.entries()) {
    const path = `storedCrls.${index}`
    const bytes = await storedBytes(fingerprint, bytesLeft, environment)
    if (bytes === undefined) throw refused(path, 'no list with this fingerprint is stored')
    if (bytes === 'too_large' || bytes.length > bytesLeft) {
      throw refused(path, `one call may name lists of ${maxBytes} bytes together`)
    }
    bytesLeft -= bytes.length
    lists.push(reading('crl_malformed', path, () => parseCrl(bytes)))
  }
  return lists
}

function refused(path: string, message: string): MmfError {
  return new MmfError('validation_failed', { detail: `${path}: ${message}`, errors: [{ path, message }] })
}

async function storedBytes(
  fingerprint: string,
  maxBytes: number,
  { context, call }: Environment,
): Promise<Uint8Array | 'too_large' | undefined> {
  const { signal } = call
  return (
    (await findEvidence(context.database, fingerprint, signal)) ??
    (await readContent(context.database, fingerprint, signal)) ??
    (await blobBytes(fingerprint, maxBytes, { context, call }))
  )
}

/**
 * The bytes of a list that lies in the blobs of the service pkd, of whatever size, checked against their hash.
 * @param maxBytes more are not read
 * @returns undefined where there is none
 */
export async function blobBytes(
  fingerprint: string,
  maxBytes: number,
  { context, call }: Environment,
): Promise<Uint8Array | 'too_large' | undefined> {
  const parts: Uint8Array[] = []
  let read = 0
  try {
    for (let size = 1; read < size; ) {
      const part = await context.services.call(readCrlPart, { fingerprint, offset: read }, call)
      size = part.size
      if (size > maxBytes) return 'too_large'
      parts.push(part.content)
      read += part.content.length
      if (part.content.length === 0) break
    }
  } catch (error) {
    if (!isMmfError(error, 'not_found')) throw error
    return undefined
  }
  const whole = Buffer.concat(parts)
  if (sha256Of(whole) === fingerprint) return whole
  throw new MmfError('evidence_unavailable', { detail: `${fingerprint}: altered` })
}
