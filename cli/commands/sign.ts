import type { ApiClient } from '../http/api-client.ts'
import { intoFileOr } from '../output-file.ts'
import type { CommandResult } from '../result.ts'
import { documentOf, knownAlgorithm } from './document.ts'

export interface SignOptions {
  /** `-` is standard input. */
  readonly file: string
  readonly algorithm: string
  /** `der` or `p1363`, of ECDSA only. */
  readonly format?: string
  readonly idempotencyKey?: string
  readonly output?: string
}

/** `mmf-cli sign FILE`: the signature as the server answers it, which `verify` takes. @throws {Failure} */
export async function signFile(client: ApiClient, options: SignOptions): Promise<CommandResult> {
  const { file, format, idempotencyKey, output } = options
  const algorithm = knownAlgorithm(options.algorithm, '--algorithm', 'usage_invalid')
  const subject = await documentOf(file, algorithm)
  const body = { ...subject, signingAlgorithm: algorithm, ...(format === undefined ? {} : { signatureFormat: format }) }
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
  const signature = await client.json<object>('POST', '/v1/documents/sign', body, {
    headers,
    members: ['signature', 'signatureId'],
  })
  return intoFileOr(output, `${JSON.stringify(signature, undefined, 2)}\n`)
}
