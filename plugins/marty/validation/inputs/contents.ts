import { type Database, put } from '@mmf/framework'
import { fetchedContents } from '../tables/fetched-contents.ts'
import { evidencePartBytes } from '../tables/validation-evidence.ts'
import { sha256Of } from './evidence-store.ts'

type Contents = Database<typeof fetchedContents, typeof fetchedContents>

/** Stores contents until `expiresAt`, seconds since 1970. Part 0 goes last: who sees it finds all. */
export async function keepContent(
  database: Contents,
  { sha256, bytes, expiresAt }: { readonly sha256: string; readonly bytes: Uint8Array; readonly expiresAt: number },
  signal: AbortSignal,
): Promise<void> {
  const parts = Math.max(1, Math.ceil(bytes.length / evidencePartBytes))
  for (let part = parts - 1; part >= 0; part -= 1) {
    const from = part * evidencePartBytes
    const row = { sha256, part, parts, bytes: bytes.subarray(from, from + evidencePartBytes), expiresAt }
    await database.write(put(fetchedContents, row), { signal })
  }
}

/** The contents, checked against their hash; undefined where they are gone or not whole: they can be fetched again. */
export async function readContent(
  database: Contents,
  sha256: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const first = await database.get(fetchedContents, { sha256, part: 0 }, { signal })
  if (first === undefined) return undefined
  const all = [first.bytes]
  for (let part = 1; part < first.parts; part += 1) {
    const row = await database.get(fetchedContents, { sha256, part }, { signal })
    if (row === undefined) return undefined
    all.push(row.bytes)
  }
  const whole = all.length === 1 ? first.bytes : Buffer.concat(all)
  return sha256Of(whole) === sha256 ? whole : undefined
}
