import { rootOf } from './merkle/append-leaf.ts'
import { consistencyPath } from './merkle/consistency-proof.ts'
import { hashOfNode } from './merkle/hash.ts'
import { inclusionPath } from './merkle/inclusion-proof.ts'
import { type Place, subtreesOf } from './merkle/subtrees.ts'
import { hashBytes, type Tile, tileWidth, widthOf } from './tile.ts'

/** Where the tiles are read from. @throws where there is no such tile */
export type ReadTile = (tile: Tile & { readonly level: number }) => Promise<Uint8Array>

/** A tree of so many leaves over its tiles. */
export interface TiledTree {
  readonly size: number
  /** RFC 9162 §2.1.1, of the first `leaves` leaves; default of all. */
  root(leaves?: number): Promise<Uint8Array>
  /** RFC 9162 §2.1.3.1 */
  inclusionProof(index: number): Promise<readonly Uint8Array[]>
  /** RFC 9162 §2.1.4.1, from the first `leaves` leaves to the first `to`; default to all. */
  consistencyProof(leaves: number, to?: number): Promise<readonly Uint8Array[]>
}

/** Each tile is read once. @throws {RangeError} for a tile of another length than its width */
export function tiledTree(size: number, read: ReadTile): TiledTree {
  const tiles = new Map<string, Promise<Uint8Array>>()

  const tileOf = (level: number, index: number): Promise<Uint8Array> => {
    const name = `${level}/${index}`
    const known = tiles.get(name)
    if (known !== undefined) return known
    const width = widthOf({ level, index }, size)
    const made = read({ level, index, width }).then(bytes => {
      if (bytes.length === width * hashBytes) return bytes
      throw new RangeError(`tile ${name} has ${bytes.length} bytes and not ${width * hashBytes}`)
    })
    tiles.set(name, made)
    return made
  }

  /** A tile holds every eighth level; the hashes between follow from those below. */
  async function hashAt({ level, position }: Place): Promise<Uint8Array> {
    const within = level % 8
    const first = position * 2 ** within
    const tile = await tileOf(Math.floor(level / 8), Math.floor(first / tileWidth))
    const at = (first % tileWidth) * hashBytes
    return complete(tile.subarray(at, at + 2 ** within * hashBytes))
  }

  const hashOf = async (places: readonly Place[]) => rootOf(await Promise.all(places.map(hashAt)))
  const within = (leaves: number) => {
    if (!Number.isSafeInteger(leaves) || leaves < 0 || leaves > size) throw new RangeError(`not within ${size} leaves`)
    return leaves
  }

  return {
    size,
    root: async (leaves = size) => hashOf(subtreesOf(0, within(leaves))),
    inclusionProof: async index => Promise.all(inclusionPath(within(index + 1) - 1, size).map(hashOf)),
    consistencyProof: async (leaves, to = size) => Promise.all(consistencyPath(within(leaves), within(to)).map(hashOf)),
  }
}

/** The root of 2^n hashes. */
export function complete(hashes: Uint8Array): Uint8Array {
  let row = Array.from({ length: hashes.length / hashBytes }, (_, at) =>
    hashes.subarray(at * hashBytes, (at + 1) * hashBytes),
  )
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      hashOfNode(row[2 * at] as Uint8Array, row[2 * at + 1] as Uint8Array),
    )
  }
  return row[0] ?? new Uint8Array()
}
