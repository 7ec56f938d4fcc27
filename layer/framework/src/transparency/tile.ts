/** A tile has so many hashes, and the tile above one hash for each full tile (C2SP tlog-tiles, "Merkle Tree"). */
export const tileWidth = 256
export const hashBytes = 32

/** A tile of hashes, or with the level `entries` a bundle of leaves. */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: number
  /** How many hashes or leaves: 256, or fewer at the right edge of the tree. */
  readonly width: number
}

/** C2SP tlog-tiles, "Merkle Tree": `tile/<L>/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  const name = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/')
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`
}

/** The tile of a path; undefined for any other spelling of it. */
export function readTilePath(path: string): Tile | undefined {
  const [, level = '', name = '', , width = '256'] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(\.p\/(\d{1,3}))?$/.exec(path) ?? []
  if (level === '') return undefined
  const index = Number(name.replaceAll(/\D/g, ''))
  const tile = { level: level === 'entries' ? level : Number(level), index, width: Number(width) } as const
  const isTile = tile.width >= 1 && tile.width <= tileWidth && (tile.level === 'entries' || tile.level <= 63)
  return isTile && tilePath(tile) === path ? tile : undefined
}

/** How wide a tile is in a tree of so many leaves; 0 where the tree has none of it. */
export function widthOf({ level, index }: Pick<Tile, 'level' | 'index'>, size: number): number {
  const hashes = Math.floor(size / tileWidth ** (level === 'entries' ? 0 : level))
  return Math.min(tileWidth, Math.max(0, hashes - index * tileWidth))
}

/** The tiles of hashes that a tree has and that the same tree did not have when it was smaller, lowest level first. */
export function tilesBetween(before: number, size: number): readonly (Tile & { readonly level: number })[] {
  const tiles: (Tile & { readonly level: number })[] = []
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    const [from, to] = [before, size].map(leaves => Math.floor(leaves / tileWidth ** level)) as [number, number]
    if (from === to) continue
    for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index += 1) {
      tiles.push({ level, index, width: widthOf({ level, index }, size) })
    }
  }
  return tiles
}

/** C2SP tlog-tiles, "Log entries": each leaf with its length before it, two bytes. */
export function writeBundle(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    leaves.flatMap(leaf => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(leaf.length)
      return [length, leaf]
    }),
  )
}

/** The leaves of a bundle; undefined where it is cut off. */
export function readBundle(bundle: Uint8Array): readonly Uint8Array[] | undefined {
  const bytes = Buffer.from(bundle)
  const leaves: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return undefined
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) return undefined
    leaves.push(Uint8Array.from(bytes.subarray(at + 2, end)))
    at = end
  }
  return leaves
}
