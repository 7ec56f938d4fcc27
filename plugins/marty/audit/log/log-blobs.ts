import { isMmfError, MmfError } from '@mmf/framework'
import { type Tile, type TileStore, tilePath } from '@mmf/framework/transparency'
import type { AuditContext } from '../operation.ts'

/** Blobs of the log are written once: on AWS S3 lets no principal change them afterwards. */
const root = 'locked/log/'

interface Ports extends Pick<AuditContext, 'blobs'> {
  readonly signal: AbortSignal
}

/** What lies under a name of the log; undefined where there is nothing. */
export async function readLogBlob(name: string, { blobs, signal }: Ports): Promise<Uint8Array | undefined> {
  const found = await blobs.get(root + name, { signal })
  if (found === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of found.body) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

/**
 * Writes a blob, or finds it written: what lies there stays.
 * @returns what lies there now
 */
export async function writeLogBlob(name: string, bytes: Uint8Array, ports: Ports): Promise<Uint8Array> {
  try {
    await ports.blobs.put(root + name, bytes, { signal: ports.signal })
    return bytes
  } catch (error) {
    if (!isMmfError(error, 'conflict')) throw error
    return (await readLogBlob(name, ports)) ?? bytes
  }
}

/** @throws {MmfError} `database_row_invalid` where other bytes lie under the path: another tree was published there, and must not be denied */
export async function writeTile(tile: Tile, bytes: Uint8Array, ports: Ports): Promise<void> {
  const path = tilePath(tile)
  const stored = await writeLogBlob(path, bytes, ports)
  if (Buffer.compare(stored, bytes) !== 0) throw forked(`${path} was published with another content`)
}

/** @throws {MmfError} `database_row_invalid` */
export async function readTile(tile: Tile, ports: Ports): Promise<Uint8Array> {
  const bytes = await readLogBlob(tilePath(tile), ports)
  if (bytes === undefined) throw forked(`${tilePath(tile)} is not there`)
  return bytes
}

export const tilesIn = (ports: Ports): TileStore => ({
  read: tile => readTile(tile, ports),
  write: (tile, bytes) => writeTile(tile, bytes, ports),
})

/** The log stops rather than sign a second history. */
export const forked = (what: string): MmfError =>
  new MmfError('database_row_invalid', { detail: `the audit log is not what was published: ${what}` })
