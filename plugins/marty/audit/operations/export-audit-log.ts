import { canonicalJson, idempotent, MmfError, requiresAuth, traceOperation, type UnreadableRow } from '@mmf/framework'
import { readBundle, tileWidth, writeNoteKey } from '@mmf/framework/transparency'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { ExportedPart, exportPart } from '../../records/export-records.ts'
import { readTile, tilesIn } from '../log/log-blobs.ts'
import { readState } from '../log/log-state.ts'
import { loggedTables } from '../log/logged-tables.ts'
import { logKeys, noteKeyOf } from '../log/note-key.ts'
import { sequenceAll } from '../log/sequence.ts'
import { type AuditContext, operation } from '../operation.ts'

/** Where an export goes on: first the records, then the log, so that each record that was read has its leaf. */
const Place = z.union([
  z.strictObject({ step: z.literal('records'), table: z.int().gte(0), cursor: z.optional(z.string()) }),
  z.strictObject({ step: z.literal('log') }),
  z.strictObject({ step: z.literal('leaves'), bundle: z.int().gte(0), size: z.int().gte(0) }),
])
type Place = z.output<typeof Place>

/** @throws {MmfError} `cursor_invalid` */
function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, 'base64url').toString()
  try {
    const place = Place.safeParse(JSON.parse(text))
    if (place.success) return place.data
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new MmfError('cursor_invalid', { detail: 'use the cursor of the part before' })
}

const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url')

interface Step {
  readonly records: readonly unknown[]
  readonly unreadable: readonly UnreadableRow[]
  readonly next?: Place
}

/** For auditors: everything that `mmf-cli audit verify` needs to find what was changed past the log, without asking the platform. */
export const exportAuditLog = operation({
  name: 'export_audit_log',
  description:
    'Writes the records, the leaves and a checkpoint of the audit log into a file of NDJSON; the next part with its cursor.',
  input: z.strictObject({ cursor: z.optional(z.string().max(4096)) }),
  output: ExportedPart,
  http: { method: 'POST', path: '/v1/audit/exports', status: 201 },
  concerns: [
    requiresAuth({ roles: [roles.auditor] }),
    traceOperation({ operationName: 'export_audit_log' }),
    idempotent({ afterwards: true }),
  ],
  async run({ cursor }, { context, call }) {
    if (cursor !== undefined) placeOf(cursor)
    const pageOf = async (at: string | undefined) => {
      const place = at === undefined ? undefined : placeOf(at)
      const { records, unreadable, next } = await stepAt(place, context, call)
      // Lines of an export are JSON; what is canonical stays so within a text.
      return { records, unreadable, ...(next === undefined ? {} : { cursor: cursorOf(next) }) }
    }
    return exportPart(context, 'log', cursor, pageOf, call)
  },
})

type Time = Parameters<typeof sequenceAll>[1]

async function stepAt(place: Place | undefined, context: AuditContext, call: Time): Promise<Step> {
  if (place === undefined) return begin(context, call)
  if (place.step === 'records') return recordsAt(place, context, call)
  if (place.step === 'log') return logAt(context, call)
  return leavesAt(place, context, call)
}

async function begin(context: AuditContext, call: Time): Promise<Step> {
  const size = await sequenceAll(context, call)
  const tables = loggedTables.map(({ name, logged, partition, sort }) => ({
    name,
    key: [partition, ...(sort === undefined ? [] : [sort])],
    ...logged,
  }))
  const line = { type: 'begin', format: 1, origin: context.config.audit_log_origin, size, tables }
  return { records: [line], unreadable: [], next: { step: 'records', table: 0 } }
}

async function recordsAt(
  { table: at, cursor }: Extract<Place, { step: 'records' }>,
  context: AuditContext,
  { signal }: Time,
): Promise<Step> {
  const table = loggedTables[at]
  if (table === undefined) return { records: [], unreadable: [], next: { step: 'log' } }
  const page = await context.database.scan(table, { limit: 200, cursor, signal })
  const { unreadable = [] } = page
  const next =
    page.cursor === undefined
      ? ({ step: 'records', table: at + 1 } as const)
      : ({ step: 'records', table: at, cursor: page.cursor } as const)
  const rows = page.rows.map(row => ({ type: 'record', table: table.name, row: canonicalJson(row) }))
  const odd = unreadable.map(({ key, reason }) => ({
    type: 'unreadable',
    table: table.name,
    key: canonicalJson(key),
    reason,
  }))
  return { records: [...rows, ...odd], unreadable, next }
}

/** What was written while the records were read gets its leaf too: each record that was read has one then. */
async function logAt(context: AuditContext, call: Time): Promise<Step> {
  const size = await sequenceAll(context, call)
  const { checkpoint } = await readState(context, call.signal)
  const { config } = context
  const keys = (await logKeys(context, call.signal)).map(key => writeNoteKey(noteKeyOf(config.audit_log_origin, key)))
  return {
    records: [{ type: 'checkpoint', size, note: checkpoint ?? '', keys }],
    unreadable: [],
    next: { step: 'leaves', bundle: 0, size },
  }
}

async function leavesAt(
  { bundle: index, size }: Extract<Place, { step: 'leaves' }>,
  { blobs }: AuditContext,
  { signal }: Time,
): Promise<Step> {
  const first = index * tileWidth
  if (first >= size) return { records: [{ type: 'end', leaves: size }], unreadable: [] }
  const width = Math.min(tileWidth, size - first)
  const ports = { blobs, signal }
  const bundle = await readTile({ level: 'entries', index, width }, ports)
  const hashes = await tilesIn(ports).read({ level: 0, index, width })
  const leaves = readBundle(bundle) ?? []
  const records = leaves.map((leaf, at) => ({
    type: 'leaf',
    index: first + at,
    leaf: Buffer.from(leaf).toString(),
    hash: Buffer.from(hashes.subarray(at * 32, at * 32 + 32)).toString('base64'),
  }))
  return { records, unreadable: [], next: { step: 'leaves', bundle: index + 1, size } }
}
