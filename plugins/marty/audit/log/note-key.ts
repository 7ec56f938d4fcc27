import { createPublicKey } from 'node:crypto'
import { type KeyVersion, MmfError } from '@mmf/framework'
import { type NoteKey, noteKey, noteKeyTypes } from '@mmf/framework/transparency'
import type { AuditContext } from '../operation.ts'
import { auditLogKey } from './audit-log-key.ts'

/** The key of a version as verifiers of notes know it; its name is the origin (C2SP tlog-checkpoint, "Signatures"). */
export function noteKeyOf(origin: string, { publicKey, keyId }: KeyVersion): NoteKey {
  const jwk = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }).export({ format: 'jwk' })
  const { crv, x } = jwk as { readonly crv?: string; readonly x?: string }
  if (crv !== 'Ed25519' || x === undefined) {
    throw new MmfError('database_row_invalid', { detail: `${keyId} is no Ed25519 key` })
  }
  return noteKey(origin, noteKeyTypes.ed25519, Uint8Array.from(Buffer.from(x, 'base64url')))
}

/** Every version of the log's own key, oldest first. */
export async function logKeys(
  { keys }: Pick<AuditContext, 'keys'>,
  signal: AbortSignal,
): Promise<readonly KeyVersion[]> {
  const versions = await keys.versions({ signal })
  return versions.filter(({ keyId }) => keyId.startsWith(`${auditLogKey.name}-`))
}
