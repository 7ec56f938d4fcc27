import { defined } from '@mmf/framework'
import { readBytes } from '../files.ts'
import type { ApiClient } from '../http/api-client.ts'
import type { CommandResult } from '../result.ts'

interface Changed {
  readonly anchorId?: string
  readonly generation?: number
  readonly status: string
  readonly proposalId?: string
}

const ofStatus = { members: ['status'] } as const

const answered = (answer: Changed, json: boolean): CommandResult => {
  if (json) return { stdout: `${JSON.stringify(answer, undefined, 2)}\n`, exitCode: 0 }
  const { anchorId, generation, status, proposalId } = answer
  if (proposalId !== undefined)
    return { stdout: `proposal ${proposalId} waits for another administrator\n`, exitCode: 0 }
  return { stdout: `${anchorId} ${status}, generation ${generation}\n`, exitCode: 0 }
}

/** `mmf-cli trust distrust ANCHOR --reason …`, and `trust restore`. */
export async function trustStatus(
  client: ApiClient,
  action: 'distrust' | 'restore',
  { anchorId, reason, json = false }: { readonly anchorId: string; readonly reason: string; readonly json?: boolean },
): Promise<CommandResult> {
  const path = `/v1/trust-anchors/${encodeURIComponent(anchorId)}/${action}`
  return answered(await client.json<Changed>('POST', path, { reason }, ofStatus), json)
}

export interface TrustAddOptions {
  readonly file: string
  readonly purposes: readonly string[]
  readonly provenance?: string
  readonly allowNotSelfSigned?: boolean
  readonly json?: boolean
}

/** `mmf-cli trust add FILE --purpose …`: a certificate as PEM or DER. @throws {Failure} */
export async function trustAdd(client: ApiClient, options: TrustAddOptions): Promise<CommandResult> {
  const { file, purposes, provenance, allowNotSelfSigned = false, json = false } = options
  const bytes = Buffer.from(readBytes(file))
  const body = {
    certificate: bytes[0] === 0x30 ? bytes.toString('base64') : bytes.toString('utf8'),
    purposes,
    ...defined({ provenance }),
    ...(allowNotSelfSigned ? { allowNotSelfSigned } : {}),
  }
  return answered(await client.json<Changed>('POST', '/v1/trust-anchors', body, ofStatus), json)
}
