import { insert, unlessConflict } from '@mmf/framework'
import {
  growTiles,
  hashOfLeaf,
  readCheckpoint,
  readNote,
  tiledTree,
  tileWidth,
  writeBundle,
  writeCheckpoint,
  writeNote,
} from '@mmf/framework/transparency'
import type { AuditContext } from '../operation.ts'
import { forked, tilesIn, writeLogBlob, writeTile } from './log-blobs.ts'
import { fromState, readState } from './log-state.ts'
import { noteKeyOf } from './note-key.ts'
import { auditLogCheckpoints, auditLogEntries, log } from './tables.ts'

/** A checkpoint covers so many bundles more than the one before, so that a step of a long backlog ends. */
const bundlesAtOnce = 32

/**
 * Writes the tiles of leaves that have a place, then signs a checkpoint over them: first what is proven, then the proof. Each step can be done again,
 * with the same bytes. A tree that does not begin as the one of the checkpoint before is not signed.
 * @returns whether more is left
 * @throws {MmfError} `database_row_invalid` where something else was published before; what the key service throws
 */
export async function publish(context: AuditContext, signal: AbortSignal): Promise<boolean> {
  const { database, blobs, keys, config, clock } = context
  const origin = config.audit_log_origin
  const state = await readState(context, signal)
  const { published, checkpoint } = state
  const size = Math.min(state.size, (Math.floor(published / tileWidth) + bundlesAtOnce) * tileWidth)
  if (size === published) return false
  const ports = { blobs, signal }

  const leaves = leavesOf(context, signal)
  for (let index = Math.floor(published / tileWidth); index * tileWidth < size; index += 1) {
    const bundle = (await leaves(index)).slice(0, size - index * tileWidth)
    await writeTile({ level: 'entries', index, width: bundle.length }, writeBundle(bundle), ports)
  }
  const store = tilesIn(ports)
  await growTiles(published, size, store, async (from, to) => {
    const index = Math.floor(from / tileWidth)
    const bundle = await leaves(index)
    return bundle.slice(from - index * tileWidth, to - index * tileWidth).map(hashOfLeaf)
  })

  const tree = tiledTree(size, store.read)
  const before = readCheckpoint(readNote(checkpoint ?? '')?.text ?? '')
  if (published > 0 && before?.size !== published) throw forked('the latest checkpoint cannot be read')
  if (before !== undefined && Buffer.compare(await tree.root(published), before.root) !== 0) {
    throw forked(`the tiles do not lead from the checkpoint of ${published} leaves to one of ${size}`)
  }
  const text = writeCheckpoint({ origin, size, root: await tree.root() })
  const made = await keys.sign('audit_log', 'Ed25519', { message: Buffer.from(text) }, { signal })
  const key = noteKeyOf(origin, await keys.version(made.keyId, made.keyVersion, { signal }))
  const signed = writeNote({ text, signatures: [{ name: key.name, id: key.id, signature: made.signature }] })
  // One that was written and not stored, by a process that ended in between, stays the checkpoint of its size.
  const note = Buffer.from(await writeLogBlob(`checkpoints/${size}`, Buffer.from(signed), ports)).toString()
  if (readNote(note)?.text !== text) throw forked(`the checkpoint of ${size} leaves was another one`)

  const time = clock.now().toISOString()
  await unlessConflict(
    database.transaction(
      [
        fromState(state, { published: size, checkpoint: note }, ['published']),
        insert(auditLogCheckpoints, { log, size, note, time }),
      ],
      { signal },
    ),
  )
  return true
}

/** The leaves of a bundle, each bundle read once. */
function leavesOf({ database }: Pick<AuditContext, 'database'>, signal: AbortSignal) {
  const bundles = new Map<number, Promise<readonly Uint8Array[]>>()
  const read = async (partition: number) => {
    const leaves: Uint8Array[] = []
    let cursor: string | undefined
    do {
      const page = await database.query(auditLogEntries, { partition, limit: tileWidth, cursor }, { signal })
      for (const { index, leaf } of page.rows) {
        if (index !== partition * tileWidth + leaves.length) throw forked(`leaf ${index} is not the next one`)
        leaves.push(Buffer.from(leaf))
      }
      cursor = page.cursor
    } while (cursor !== undefined)
    return leaves
  }
  return (partition: number): Promise<readonly Uint8Array[]> => {
    const known = bundles.get(partition) ?? read(partition)
    bundles.set(partition, known)
    return known
  }
}
