import type { Colours } from '../colours.ts'
import { failure } from '../failure.ts'
import { readBytes } from '../files.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { documentOf, knownAlgorithm } from './document.ts'

export interface VerifyOptions {
  /** `-` is standard input. */
  readonly file: string
  /** A file that `sign` wrote. */
  readonly signature?: string
  readonly signatureId?: string
  readonly json?: boolean
}

interface Signature {
  readonly algorithm: string
  readonly [member: string]: unknown
}

interface Answer {
  readonly valid: boolean
  readonly reason?: string
}

/** A signature is some hundred to some thousand bytes; a larger file is another one. */
const maxSignatureBytes = 1024 * 1024

/** `mmf-cli verify FILE`: 0 the signature is one of this file, 6 it is not. @throws {Failure} */
export async function verifyFile(
  client: ApiClient,
  options: VerifyOptions,
  { paint }: Colours,
): Promise<CommandResult> {
  const { file, signature, signatureId, json = false } = options
  if ((signature === undefined) === (signatureId === undefined)) {
    throw failure('usage_invalid', 'exactly one of --signature and --signature-id is needed')
  }
  const given = signature === undefined ? await recorded(client, signatureId ?? '') : readSignature(signature)
  const where = signature === undefined ? `record ${signatureId}` : `${signature}: algorithm`
  const subject = await documentOf(file, knownAlgorithm(given.algorithm, where, 'file_invalid'))
  const reference = signature === undefined ? { signatureId } : { signature: given }
  const answer = await client.json<Answer>(
    'POST',
    '/v1/documents/verify',
    { ...subject, ...reference },
    {
      members: ['valid'],
    },
  )
  // Only the one word of the server is a yes.
  const valid = answer.valid === true
  const reason = answer.reason === undefined ? '' : `: ${printable(answer.reason)}`
  const text = valid ? paint('green', 'VALID') : `${paint('red', 'INVALID')}${reason}`
  return { stdout: json ? `${JSON.stringify(answer, undefined, 2)}\n` : `${text}\n`, exitCode: valid ? 0 : 6 }
}

/** The record says which hash the file has to be read with. */
const recorded = (client: ApiClient, id: string): Promise<Signature> =>
  client.json<Signature>('GET', `/v1/signatures/${encodeURIComponent(id)}`, undefined, { members: ['algorithm'] })

/** The members that a verifier needs, and no others. @throws {Failure} `file_…` */
function readSignature(path: string): Signature {
  const text = Buffer.from(readBytes(path, maxSignatureBytes)).toString('utf8')
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw failure('file_invalid', `${path}: a signature is JSON, as \`sign\` writes it`, cause)
  }
  const { algorithm, signature, keyId, keyVersion } = (content ?? {}) as Record<string, unknown>
  const members = { algorithm, signature, keyId, keyVersion }
  const missing = Object.entries(members).flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (missing.length === 0) return content as Signature
  throw failure('file_invalid', `${path}: a signature as \`sign\` writes it has ${missing.join(', ')}, too`)
}
