import { Failure, failure } from '../failure.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

export interface PkdLookupOptions {
  readonly subject?: string | undefined
  readonly keyIdentifier?: string | undefined
  readonly country?: string | undefined
  readonly issuer?: string | undefined
  readonly serialNumber?: string | undefined
  readonly fingerprint?: string | undefined
  readonly json?: boolean | undefined
  readonly pem?: boolean | undefined
}

interface Entry {
  readonly fingerprint: string
  readonly kind: string
  readonly collection: string
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly keyIdentifier: string
  readonly country?: string
  readonly certificate: string
  readonly validity: { readonly notBefore: string; readonly notAfter: string }
  readonly conformance: { readonly status: string; readonly findings: readonly string[] }
  readonly source: { readonly name: string }
}

/** `mmf-cli pkd lookup`. @throws {Failure} `public_key_not_found` (1); `usage_invalid` where nothing was asked */
export async function pkdLookup(client: ApiClient, options: PkdLookupOptions): Promise<CommandResult> {
  const { json = false, pem = false, ...reference } = options
  const given = Object.entries(reference).filter((pair): pair is [string, string] => pair[1] !== undefined)
  if (given.length === 0) {
    throw failure('usage_invalid', 'say which: --subject, --key-identifier, --fingerprint, or --issuer with --serial')
  }
  try {
    const entry = await client.json<Entry>('GET', `/v1/pkd/keys?${new URLSearchParams(given)}`, undefined, {
      members: ['certificate', 'validity', 'conformance', 'source'],
    })
    if (json) return { stdout: `${JSON.stringify(entry, undefined, 2)}\n`, exitCode: 0 }
    return { stdout: pem ? pemOf(entry.certificate) : describe(entry), exitCode: 0 }
  } catch (error) {
    // Looking for what is not there is no refusal: the answer is no.
    if (!(error instanceof Failure) || error.code !== 'public_key_not_found') throw error
    throw failure('public_key_not_found', 'the directory has no such public key', error)
  }
}

const pemOf = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`

function describe(entry: Entry): string {
  const { status, findings } = entry.conformance
  const rows: readonly (readonly [string, string])[] = [
    ['subject', entry.subject],
    ['issuer', entry.issuer],
    ['serial number', entry.serialNumber],
    ['key identifier', entry.keyIdentifier],
    ['SHA-256', entry.fingerprint],
    ['kind', `${entry.kind}, collection ${entry.collection}`],
    ['country', entry.country ?? 'none'],
    ['valid', `${entry.validity.notBefore} to ${entry.validity.notAfter}`],
    ['conformance', findings.length === 0 ? status : `${status}: ${findings.join(', ')}`],
    ['source', entry.source.name],
  ]
  return rows.map(([name, value]) => `${name.padEnd(15)} ${printable(value)}\n`).join('')
}
