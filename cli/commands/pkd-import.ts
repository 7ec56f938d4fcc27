import { openAsBlob, readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '@mmf/framework'
import { Failure, failure } from '../failure.ts'
import { fileFailure } from '../files.ts'
import type { ApiClient } from '../http/api-client.ts'
import type { Progress } from '../http/progress.ts'
import type { CommandResult } from '../result.ts'

const importKinds = ['ldif', 'certificate', 'crl', 'masterList'] as const
type ImportKind = (typeof importKinds)[number]

export interface PkdImportOptions {
  readonly file: string
  /** Default by what the file begins with. */
  readonly kind?: string
  readonly source?: string
  /** Default true: until the import is over. */
  readonly wait?: boolean
  readonly json?: boolean
}

interface ImportStatus {
  readonly jobId: string
  readonly state: string
  readonly size: number
  readonly position: number
  readonly processed: number
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly quarantined: number
  readonly skipped: number
  readonly error?: string
}

interface Upload {
  readonly uploadId: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const ofStatus = { members: ['jobId', 'state'] } as const

/** Larger files do not fit into a request: they are uploaded first. */
const inlineBytes = 3_000_000

/** A server that does not answer for so long, in milliseconds, is not waited for any more. */
const patienceMs = 60_000

/** `mmf-cli pkd import FILE`: 0 the import is over (or started, without waiting), 1 it failed. @throws {Failure} */
export async function pkdImport(
  client: ApiClient,
  options: PkdImportOptions,
  progress: Progress,
): Promise<CommandResult> {
  const input = inputOf(options)
  const { file, source } = options
  const given = 'text' in input ? { [input.kind]: input.text } : { upload: await uploaded(client, file, input.size) }
  const body = { ...given, ...defined({ source }) }
  const started = await client.json<ImportStatus>('POST', '/v1/pkd/imports', body, ofStatus)
  const status = options.wait === false ? started : await finished(client, started, progress)
  const stdout = options.json === true ? `${JSON.stringify(status, undefined, 2)}\n` : describe(status)
  return { stdout, exitCode: status.state === 'failed' || status.state === 'cancelled' ? 1 : 0 }
}

type Input = { readonly kind: ImportKind; readonly text: string } | { readonly kind: 'ldif'; readonly size: number }

/** @throws {Failure} `file_…`, `usage_invalid` */
function inputOf({ file, kind }: PkdImportOptions): Input {
  try {
    const { size } = statSync(file)
    const known = importKinds.find(candidate => candidate === kind)
    if (kind !== undefined && known === undefined) {
      throw failure('usage_invalid', `--kind is one of ${importKinds.join(', ')}`)
    }
    if (size > inlineBytes) {
      const isLdif = known === 'ldif' || (known === undefined && /\.ldif$/i.test(file))
      if (isLdif) return { kind: 'ldif', size }
      throw failure('file_too_large', `${file}: of files over ${inlineBytes} bytes only LDIF is taken`)
    }
    const bytes = readFileSync(file)
    const found = known ?? kindOf(file, bytes)
    if (found === undefined) {
      throw failure('file_invalid', `${file}: say with --kind what it is: ${importKinds.join(', ')}`)
    }
    return { kind: found, text: textOf(found, bytes) }
  } catch (error) {
    throw fileFailure(file, error)
  }
}

function kindOf(file: string, bytes: Buffer): ImportKind | undefined {
  const head = bytes.toString('latin1', 0, 4096)
  if (/\.ldif$/i.test(file) || /^(?:#.*\n)*(?:version: ?1|dn::? )/.test(head)) return 'ldif'
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----|-----BEGIN PKCS7-----/.test(head)) return 'certificate'
  if (head.includes('-----BEGIN X509 CRL-----') || /\.crl$/i.test(file)) return 'crl'
  if (/\.ml$/i.test(file)) return 'masterList'
  return /\.(?:cer|crt|der|pem|p7[bc])$/i.test(file) ? 'certificate' : undefined
}

/** Binary files travel in base64. */
const textOf = (kind: ImportKind, bytes: Buffer): string =>
  kind === 'masterList' || (kind !== 'ldif' && bytes[0] === 0x30) ? bytes.toString('base64') : bytes.toString('utf8')

async function uploaded(client: ApiClient, file: string, size: number): Promise<string> {
  const { uploadId, url, headers } = await client.json<Upload>(
    'POST',
    '/v1/pkd/uploads',
    { size },
    {
      members: ['uploadId', 'url', 'headers'],
    },
  )
  const body = await openAsBlob(file)
  try {
    // The length is that of the file; fetch sets the header itself.
    const { 'content-length': _length, ...others } = headers
    const response = await fetch(url, { method: 'PUT', headers: others, body, redirect: 'error' })
    const { ok, status } = response
    if (!ok) {
      const [code, title] = ['answer_unexpected', 'The upload was refused']
      throw new Failure({ code, title, detail: `the upload was refused with ${status}`, status, exit: 'refused' })
    }
    await response.arrayBuffer()
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw failure('server_unreachable', `the upload did not succeed: ${reason}`, cause)
  }
  return uploadId
}

async function finished(client: ApiClient, started: ImportStatus, progress: Progress): Promise<ImportStatus> {
  let status = started
  let answeredAt = performance.now()
  let waitMs = 50
  while (status.state === 'running') {
    const { position, size, processed, quarantined } = status
    progress.update(position, size, `${processed} records, ${quarantined} in quarantine`)
    await sleep(waitMs)
    waitMs = Math.min(waitMs * 1.5, 1000)
    try {
      status = await client.json<ImportStatus>('GET', `/v1/pkd/imports/${started.jobId}`, undefined, ofStatus)
      answeredAt = performance.now()
    } catch (error) {
      // The import survives a restart of the server, and so does waiting for it.
      const passing =
        error instanceof Failure && (error.facts.exit === 'unreachable' || (error.facts.status ?? 0) >= 500)
      if (!passing || performance.now() - answeredAt > patienceMs) throw error
    }
  }
  progress.end()
  return status
}

function describe(status: ImportStatus): string {
  const { jobId, state, processed, added, updated, unchanged, quarantined, skipped, error } = status
  const counts = `${added} added, ${updated} updated, ${unchanged} unchanged, ${quarantined} in quarantine, ${skipped} without contents`
  const why = error === undefined ? '' : ` (${error})`
  const hint = quarantined === 0 ? '' : `why: GET /v1/pkd/imports/${jobId}/quarantine\n`
  return `import ${jobId} ${state}${why}: ${processed} records: ${counts}\n${hint}`
}
