import { createHash } from 'node:crypto'
import { insert, MmfError, unlessConflict } from '@mmf/framework'
import type { ValidationContext } from '../operation.ts'
import { evidencePartBytes, validationEvidence } from '../tables/validation-evidence.ts'

type Database = ValidationContext['database']

/** Rows asked for in one call of the database port. */
const keysAtOnce = 100
/** Writes in flight at the same time. */
const writesAtOnce = 16

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Keeps each piece that is not there yet. The keys are the SHA-256 of the pieces. Returns when all are stored. */
export async function keepEvidence(
  database: Database,
  pieces: ReadonlyMap<string, Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const missing: [string, Uint8Array][] = []
  for (const some of slices([...pieces], keysAtOnce)) {
    const keys = some.map(([sha256]) => ({ sha256, part: 0 }))
    const rows = await database.getMany(validationEvidence, keys, { signal })
    missing.push(...some.filter((_, index) => rows[index] === undefined))
  }
  for (const some of slices(missing, writesAtOnce)) {
    await Promise.all(some.map(([sha256, bytes]) => keep(database, sha256, bytes, signal)))
  }
}

async function keep(database: Database, sha256: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const parts = Math.max(1, Math.ceil(bytes.length / evidencePartBytes))
  // Part 0 goes last: it is what readers look for.
  for (let part = parts - 1; part >= 0; part -= 1) {
    const from = part * evidencePartBytes
    const row = { sha256, part, parts, bytes: bytes.subarray(from, from + evidencePartBytes) }
    // A conflict: another run has stored the same bytes in the meantime.
    await unlessConflict(database.write(insert(validationEvidence, row), { signal }))
  }
}

/** The pieces in the order of their hashes, checked against them. @throws {MmfError} `evidence_unavailable` */
export async function readEvidence(
  database: Database,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for (const some of slices(hashes, keysAtOnce)) {
    const keys = [...new Set(some)].map(sha256 => ({ sha256, part: 0 }))
    const rows = await database.getMany(validationEvidence, keys, { signal })
    const whole = new Map<string, Uint8Array>()
    for (const row of rows) {
      if (row !== undefined) whole.set(row.sha256, await wholeOf(database, row, signal))
    }
    for (const sha256 of some) found.push(checked(sha256, whole.get(sha256)))
  }
  return found
}

/** One piece, checked against its hash; undefined where it is not stored. @throws {MmfError} `evidence_unavailable` where it was altered */
export async function findEvidence(
  database: Database,
  sha256: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const row = await database.get(validationEvidence, { sha256, part: 0 }, { signal })
  return row === undefined ? undefined : checked(sha256, await wholeOf(database, row, signal))
}

async function wholeOf(
  database: Database,
  { sha256, parts, bytes }: { sha256: string; parts: number; bytes: Uint8Array },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const all = [bytes]
  for (let part = 1; part < parts; part += 1) {
    const row = await database.get(validationEvidence, { sha256, part }, { signal })
    if (row !== undefined) all.push(row.bytes)
  }
  return all.length === 1 ? bytes : Buffer.concat(all)
}

function checked(sha256: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined && sha256Of(bytes) === sha256) return bytes
  throw new MmfError('evidence_unavailable', { detail: `${sha256}: ${bytes === undefined ? 'missing' : 'altered'}` })
}

export function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
