import { defined } from '@mmf/framework'
import type { Colours } from '../colours.ts'
import { failure } from '../failure.ts'
import { readBytes } from '../files.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

export interface PassportVerifyOptions {
  readonly sod: string
  readonly dataGroups: readonly string[]
  readonly issuingState?: string
  readonly time?: string
  readonly explain?: boolean
  readonly json?: boolean
}

interface Answer {
  readonly valid: boolean
  readonly validationId: string
  readonly findings: readonly { readonly code: string; readonly severity: string; readonly message: string }[]
  readonly document: { readonly dataGroups: readonly { readonly number: number; readonly status: string }[] }
}

/** Tags of EF.DG1 to EF.DG16 (ICAO Doc 9303-10 §4.7, Table 38). */
const tags = [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70]

const maxBytes = 1_500_000

/** `mmf-cli passport verify SOD`: 0 when the document is valid, 6 when not. @throws {Failure} `file_…` */
export async function passportVerify(
  client: ApiClient,
  { sod, dataGroups, issuingState, time, explain = false, json = false }: PassportVerifyOptions,
  { paint }: Colours,
): Promise<CommandResult> {
  const base64 = (path: string) => Buffer.from(readBytes(path, maxBytes)).toString('base64')
  const body = {
    sod: base64(sod),
    dataGroups: dataGroups.map(path => ({ number: numberOf(path), content: base64(path) })),
    ...defined({ issuingState, time }),
  }
  const members = ['valid', 'validationId', 'findings', 'document'] as const
  const answer = await client.json<Answer>('POST', '/v1/documents/passive-authentication', body, { members })
  // Only the one word of the server is a yes.
  const valid = answer.valid === true
  if (explain) {
    const path = `/v1/validations/${encodeURIComponent(answer.validationId)}/explanation`
    const explanation = await client.json<{ text: string }>('GET', path, undefined, {
      members: ['validationId', 'text'],
    })
    const text = String(explanation.text).split('\n').map(printable).join('\n')
    return { stdout: json ? `${JSON.stringify(explanation, undefined, 2)}\n` : text, exitCode: valid ? 0 : 6 }
  }
  const lines = [
    `${valid ? paint('green', 'VALID') : paint('red', 'INVALID')} (${printable(answer.validationId)})`,
    ...answer.findings.map(({ code, severity, message }) => printable(`${severity} ${code}: ${message}`)),
    ...answer.document.dataGroups.map(({ number, status }) => printable(`DG${number} ${status}`)),
  ]
  return {
    stdout: json ? `${JSON.stringify(answer, undefined, 2)}\n` : `${lines.join('\n')}\n`,
    exitCode: valid ? 0 : 6,
  }
}

function numberOf(path: string): number {
  const index = tags.indexOf(readBytes(path, maxBytes)[0] ?? 0)
  if (index !== -1) return index + 1
  throw failure('file_invalid', `${path}: it does not begin with the tag of a data group, EF.DG1 to EF.DG16`)
}
