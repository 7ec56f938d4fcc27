import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import { Failure, failure } from '../failure.ts'
import type { ApiClient } from '../http/api-client.ts'
import type { Progress } from '../http/progress.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, withUnreadable } from '../unreadable.ts'

const exportNames = { signatures: 'signatures', verdicts: 'validations', log: 'audit' } as const

export interface AuditExportOptions {
  readonly from?: string
  readonly to?: string
  readonly principal?: string
  readonly documentHash?: string
  readonly algorithm?: string
  readonly certificate?: string
  readonly result?: string
}

interface Part {
  readonly url: string
  readonly records: number
  readonly sha256: string
  readonly unreadable?: readonly Unreadable[]
  readonly cursor?: string
}

/**
 * `mmf-cli audit export`: all records that match, part after part, into `write`, as NDJSON. 0 all is written, 7 all but records that cannot be
 * read, which are named. @throws {Failure} `export_damaged`
 */
export async function auditExport(
  client: ApiClient,
  what: keyof typeof exportNames,
  options: AuditExportOptions,
  write: (text: string) => Promise<void>,
  progress: Progress,
): Promise<CommandResult> {
  const filter: Record<string, string> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const time = name === 'from' || name === 'to' ? asTime(value) : value
    if (time === undefined)
      throw failure('usage_invalid', `--${name} is a day (2026-01-31) or a time (RFC 3339), in UTC`)
    filter[name] = time
  }
  const unreadable: Unreadable[] = []
  let records = 0
  let cursor: string | undefined
  do {
    const body = { ...filter, ...defined({ cursor }) }
    const part = await client.json<Part>('POST', `/v1/${exportNames[what]}/exports`, body, {
      members: ['url', 'sha256', 'records'],
    })
    const text = await download(part.url)
    if (createHash('sha256').update(text).digest('hex') !== part.sha256) {
      throw failure('export_damaged', 'a part was damaged on the way: nothing is complete, export again')
    }
    await write(text)
    records += part.records
    progress.update(records, undefined, `${records} records`)
    unreadable.push(...(part.unreadable ?? []))
    cursor = part.cursor
  } while (cursor !== undefined)
  progress.end()
  return withUnreadable({ exitCode: 0 }, unreadable)
}

/** A day begins at midnight UTC. */
function asTime(text: string): string | undefined {
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  return /^\d{4}-\d{2}-\d{2}T/.test(whole) && !Number.isNaN(Date.parse(whole)) ? whole : undefined
}

/** The URL carries its own credential; the token stays here. */
async function download(url: string): Promise<string> {
  let response: Response
  try {
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(300_000) })
  } catch (cause) {
    throw failure('server_unreachable', `${new URL(url).origin} does not answer`, cause)
  }
  const { ok, status } = response
  if (!ok) {
    const [code, title] = ['answer_unexpected', 'The part cannot be fetched']
    throw new Failure({ code, title, detail: `the part cannot be fetched: ${status}`, status, exit: 'refused' })
  }
  return response.text()
}
