import { hashBytes, type Tile, tilesBetween, tileWidth, widthOf } from './tile.ts'
import { complete, type ReadTile } from './tiled-tree.ts'

/** Where tiles of hashes are kept: below level 0 the hashes of the leaves. */
export interface TileStore {
  readonly read: ReadTile
  /** Written twice it has the same bytes. */
  readonly write: (tile: Tile & { readonly level: number }, bytes: Uint8Array) => Promise<void>
}

/**
 * Writes the tiles by which a tree of `before` leaves becomes one of `size`. It reads those that the smaller tree had at its right edge, and changes
 * none: whatever ends it, it can be done again.
 * @param leafHashes of the leaves from one index to before another
 */
export async function growTiles(
  before: number,
  size: number,
  store: TileStore,
  leafHashes: (from: number, to: number) => Promise<readonly Uint8Array[]>,
): Promise<void> {
  for (const tile of tilesBetween(before, size)) {
    const { level, index, width } = tile
    const known = widthOf(tile, before)
    const first = index * tileWidth
    const old = known === 0 ? [] : [await store.read({ level, index, width: known })]
    const fresh =
      level === 0
        ? await leafHashes(first + known, first + width)
        : await Promise.all(
            Array.from({ length: width - known }, async (_, at) =>
              complete(await store.read({ level: level - 1, index: first + known + at, width: tileWidth })),
            ),
          )
    const bytes = Buffer.concat([...old, ...fresh])
    if (bytes.length !== width * hashBytes) throw new RangeError(`tile ${level}/${index} has not ${width} hashes`)
    await store.write(tile, bytes)
  }
}
