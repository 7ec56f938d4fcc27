/** Transparency logs: the Merkle tree of RFC 9162 §2.1, its tiles (C2SP tlog-tiles), checkpoints (C2SP tlog-checkpoint) and signed notes (C2SP signed-note). */
export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
export { growTiles, type TileStore } from './grow-tiles.ts'
export { appendLeaf, type Node, type Peaks, rootOf } from './merkle/append-leaf.ts'
export { consistencyPath } from './merkle/consistency-proof.ts'
export { hashOfLeaf, hashOfNode, hashOfNothing } from './merkle/hash.ts'
export { inclusionPath } from './merkle/inclusion-proof.ts'
export { provesConsistency, rootOfInclusion } from './merkle/root-of-proof.ts'
export { type Place, subtreesOf } from './merkle/subtrees.ts'
export {
  cosignedAt,
  isNoteKeyName,
  type Note,
  type NoteKey,
  type NoteSignature,
  noteKey,
  noteKeyTypes,
  readNote,
  readNoteKey,
  readSignatureLine,
  signatureLine,
  signersOf,
  writeNote,
  writeNoteKey,
} from './note.ts'
export { hashBytes, readBundle, readTilePath, type Tile, tilePath, tileWidth, writeBundle } from './tile.ts'
export { type ReadTile, type TiledTree, tiledTree } from './tiled-tree.ts'
