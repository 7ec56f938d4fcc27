import { defined, MmfError, type Page, type Query, type UnreadableRow } from '@mmf/framework'
import { isPkiError, type Name } from '@mmf/pki'
import { NameSyntaxError } from '../../certificates/names/distinguished-name.ts'
import { issuerSerialKey, nameFromText } from '../../certificates/names/name-key.ts'
import { storedNameKeys } from '../../certificates/stored-name-keys.ts'
import { queryPartitions } from '../../certificates/stored-partitions.ts'
import type { PkdContext } from '../operation.ts'
import { type PublicKeyRow, publicKeys } from '../tables/pkd-public-keys.ts'

/** What a caller knows of a certificate. */
export interface CertificateReference {
  readonly subject?: string | undefined
  readonly keyIdentifier?: string | undefined
  readonly country?: string | undefined
  readonly issuer?: string | undefined
  readonly serialNumber?: string | undefined
  readonly fingerprint?: string | undefined
}

type IndexQuery = Pick<Query<typeof publicKeys>, 'index' | 'sort' | 'descending'>
type KeyQuery = IndexQuery & Pick<Query<typeof publicKeys>, 'partition'>

/** A reference in the terms of the table: the narrowest way to the rows, and what they must be beside that. */
export interface CertificateQuery {
  /** Undefined: nothing narrows it down, or only the issuer does. More than one partition: the same under the keys of earlier versions. */
  readonly via: (IndexQuery & { readonly partitions: readonly string[] }) | undefined
  readonly matches: (row: PublicKeyRow) => boolean
  /** The same text for references that mean the same. */
  readonly canonical: string
}

/** @throws {MmfError} `validation_failed` for a text that is no distinguished name */
export function certificateQuery(reference: CertificateReference): CertificateQuery {
  const { fingerprint, keyIdentifier } = reference
  const subjectKey = keysOf(reference.subject, 'subject')
  const issuer = keysOf(reference.issuer, 'issuer')
  const { serialNumber } = reference
  const country = reference.country?.toUpperCase()
  const issuerSerial = serialNumber === undefined ? undefined : issuer?.map(key => issuerSerialKey(key, serialNumber))
  const exact = {
    fingerprint: listOf(fingerprint),
    subjectKey,
    keyIdentifier: listOf(keyIdentifier),
    issuerSerial,
    country: listOf(country),
  }
  const expected = Object.entries(exact).filter(([, values]) => values !== undefined) as [
    keyof typeof exact,
    readonly string[],
  ][]
  const canonical = expected.map(([field, [value]]) => `${field}=${value}`)
  return {
    via: narrowest(exact),
    canonical: [
      ...canonical,
      ...(issuerSerial === undefined && issuer !== undefined ? [`issuer=${issuer[0]}`] : []),
    ].join('&'),
    matches: row =>
      expected.every(([field, values]) => values.includes(row[field] ?? '')) &&
      (issuer === undefined || issuerSerial !== undefined || nameFromText(row.issuer).key === issuer[0]) &&
      (serialNumber === undefined || issuerSerial !== undefined || row.serialNumber === serialNumber),
  }
}

type Known = Readonly<
  Record<'fingerprint' | 'subjectKey' | 'keyIdentifier' | 'issuerSerial' | 'country', readonly string[] | undefined>
>

function narrowest({ fingerprint, issuerSerial, keyIdentifier, subjectKey, country }: Known): CertificateQuery['via'] {
  if (fingerprint !== undefined) return { partitions: fingerprint }
  if (issuerSerial !== undefined) return { index: 'by_issuer_serial', partitions: issuerSerial, descending: true }
  if (keyIdentifier !== undefined) return { index: 'by_key_identifier', partitions: keyIdentifier, descending: true }
  if (subjectKey !== undefined) return { index: 'by_subject', partitions: subjectKey, descending: true }
  return country === undefined ? undefined : { index: 'by_country', partitions: country }
}

const listOf = (value: string | undefined) => (value === undefined ? undefined : [value])

/** @throws {MmfError} `validation_failed` for a text that is no distinguished name */
function keysOf(text: string | undefined, path: string): readonly [string, ...string[]] | undefined {
  return text === undefined ? undefined : storedNameKeys(readName(text, path))
}

/** @throws {MmfError} `validation_failed` for a text that is no distinguished name */
export function readName(text: string, path: string): Name {
  try {
    return nameFromText(text)
  } catch (cause) {
    if (!(cause instanceof NameSyntaxError) && !isPkiError(cause)) throw cause
    const message = `no distinguished name (RFC 4514): ${cause.message}`
    throw new MmfError('validation_failed', {
      detail: `${path}: ${message}`,
      errors: [{ path, message, code: 'invalid_format' }],
      cause,
    })
  }
}

/** Rows looked at for one answer at the most. */
export const maxRows = 1000

/** {@link matchingRows} of each partition of the query, one after the other. @throws {MmfError} `cursor_invalid` */
export function matchingRowsOf(
  context: PkdContext,
  { partitions, ...via }: NonNullable<CertificateQuery['via']>,
  options: Parameters<typeof matchingRows>[2],
): Promise<Page<PublicKeyRow>> {
  return queryPartitions(partitions, options, (partition, part) =>
    matchingRows(context, { ...via, partition }, { ...options, cursor: undefined, ...part }),
  )
}

/**
 * The rows that match, page by page of the index, while there are rows left to look at: a page may be short, or empty, and still have a cursor.
 * @throws {MmfError} `cursor_invalid`
 */
export async function matchingRows(
  context: PkdContext,
  via: KeyQuery,
  options: {
    readonly matches: (row: PublicKeyRow) => boolean
    readonly limit: number
    readonly cursor?: string | undefined
    /** How many may still be looked at, in this and other partitions; it is counted down. */
    readonly rowsLeft: { rows: number }
    readonly signal: AbortSignal
  },
): Promise<Page<PublicKeyRow>> {
  const { matches, limit, rowsLeft, signal } = options
  const rows: PublicKeyRow[] = []
  const unreadable: UnreadableRow[] = []
  let cursor = options.cursor
  do {
    const page = await context.database.query(
      publicKeys,
      { ...via, limit: limit - rows.length, unreadable: 'report', cursor },
      { signal },
    )
    rows.push(...page.rows.filter(matches))
    unreadable.push(...(page.unreadable ?? []))
    rowsLeft.rows -= page.rows.length
    cursor = page.cursor
  } while (cursor !== undefined && rows.length < limit && rowsLeft.rows > 0)
  return { rows, ...(unreadable.length === 0 ? {} : { unreadable }), ...defined({ cursor }) }
}

/** Of the published rows that match, the one with the highest rank; `maxRows` are looked at at the most. */
export async function bestRow(
  context: PkdContext,
  { partitions, ...via }: NonNullable<CertificateQuery['via']>,
  matches: (row: PublicKeyRow) => boolean,
  signal: AbortSignal,
): Promise<PublicKeyRow | undefined> {
  let best: PublicKeyRow | undefined
  for (const partition of partitions) {
    const row = await bestOfPartition(context, { ...via, partition }, matches, signal)
    if (row !== undefined && (best === undefined || row.rank > best.rank)) best = row
  }
  return best
}

async function bestOfPartition(
  context: PkdContext,
  via: KeyQuery,
  matches: (row: PublicKeyRow) => boolean,
  signal: AbortSignal,
): Promise<PublicKeyRow | undefined> {
  let cursor: string | undefined
  let seen = 0
  do {
    const query = { ...via, limit: 20, cursor }
    const page = await context.database.query(publicKeys, query, { signal })
    const found = page.rows.find(row => row.status === 'published' && matches(row))
    if (found !== undefined) return found
    // Withdrawn rows rank below all others, so what follows one is withdrawn too.
    if (page.rows.some(row => row.status === 'withdrawn')) return undefined
    seen += page.rows.length
    cursor = page.cursor
  } while (cursor !== undefined && seen < maxRows)
  return undefined
}
