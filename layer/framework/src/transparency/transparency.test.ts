import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { growTiles } from './grow-tiles.ts'
import { hashOfLeaf, hashOfNode, hashOfNothing } from './merkle/hash.ts'
import { provesConsistency, rootOfInclusion } from './merkle/root-of-proof.ts'
import { noteKey, noteKeyTypes, readNote, readNoteKey, signersOf, writeNote, writeNoteKey } from './note.ts'
import { readBundle, readTilePath, tilePath, tilesBetween, writeBundle } from './tile.ts'
import { tiledTree } from './tiled-tree.ts'

/** RFC 9162 §2.1.1, MTH, as it stands there. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return hashOfNothing()
  if (leaves.length === 1) return first
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return hashOfNode(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

const leaf = (n: number) => hashOfLeaf(Buffer.from(`leaf ${n}`))

/** Tiles in memory that refuse a second content under one path. */
function memoryTiles() {
  const tiles = new Map<string, Uint8Array>()
  return {
    tiles,
    store: {
      async read(tile: Parameters<typeof tilePath>[0]) {
        const bytes = tiles.get(tilePath(tile))
        assert.ok(bytes, `${tilePath(tile)} is not there`)
        return bytes
      },
      async write(tile: Parameters<typeof tilePath>[0], bytes: Uint8Array) {
        const known = tiles.get(tilePath(tile))
        assert.ok(known === undefined || Buffer.compare(known, bytes) === 0)
        tiles.set(tilePath(tile), bytes)
      },
    },
  }
}

test('tiles that grow in any steps have the roots and proofs of a naive tree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat(),
      async (steps, a, b) => {
        const { store } = memoryTiles()
        const leaves: Uint8Array[] = []
        for (const step of steps) {
          const before = leaves.length
          leaves.push(...Array.from({ length: step }, (_, at) => leaf(before + at)))
          const grow = () => growTiles(before, leaves.length, store, async (from, to) => leaves.slice(from, to))
          await grow()
          // Whatever ended it, it is done again.
          await grow()
        }
        const tree = tiledTree(leaves.length, store.read)
        const root = await tree.root()
        assert.deepEqual(Buffer.from(root), Buffer.from(mth(leaves)))
        const index = a % leaves.length
        const inclusion = await tree.inclusionProof(index)
        assert.deepEqual(rootOfInclusion(index, leaves.length, leaves[index] as Uint8Array, inclusion), root)
        const size = b % (leaves.length + 1)
        const first = { size, root: await tree.root(size) }
        assert.deepEqual(Buffer.from(first.root), Buffer.from(mth(leaves.slice(0, size))))
        const proof = await tree.consistencyProof(size)
        const second = { size: leaves.length, root }
        assert.ok(provesConsistency(first, second, proof))
        assert.ok(!provesConsistency({ ...first, root: leaf(-1) }, second, proof))
        // Every list begins as the empty one.
        if (size > 0) assert.ok(!provesConsistency(first, { ...second, root: leaf(-1) }, proof))
        assert.ok(!provesConsistency(first, second, [...proof, leaf(0)]))
        if (proof.length > 0) assert.ok(!provesConsistency(first, second, proof.slice(1)))
      },
    ),
    { numRuns: 25 },
  )
})

test('a tree of three levels: 70,000 leaves have the tiles that the specification counts', () => {
  const tiles = tilesBetween(0, 70_000)
  const of = (level: number) => tiles.filter(tile => tile.level === level)
  assert.deepEqual(
    [0, 1, 2].map(level => [of(level).length, of(level).at(-1)?.width]),
    [
      [274, 112],
      [2, 17],
      [1, 1],
    ],
  )
  assert.deepEqual(tilesBetween(0, 256).map(tilePath), ['tile/0/000', 'tile/1/000.p/1'])
})

test('paths of tiles are read back, and no other spelling of them is', () => {
  assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067')
  assert.equal(tilePath({ level: 'entries', index: 0, width: 5 }), 'tile/entries/000.p/5')
  fc.assert(
    fc.property(
      fc.oneof(fc.constant('entries' as const), fc.nat(63)),
      fc.nat(999_999_999),
      fc.integer({ min: 1, max: 256 }),
      (level, index, width) => {
        const tile = { level, index, width }
        assert.deepEqual(readTilePath(tilePath(tile)), tile)
      },
    ),
  )
  for (const path of [
    'tile/0/0',
    'tile/00/000',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/001/000',
    'tile/entries',
    'checkpoint',
    'tile/0/000\n',
  ])
    assert.equal(readTilePath(path), undefined, path)
  fc.assert(fc.property(fc.string(), text => assert.equal(readTilePath(text), undefined)))
})

test('bundles are read back; what is cut off is none', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 9 }), leaves => {
      const bundle = writeBundle(leaves)
      assert.deepEqual(readBundle(bundle)?.map(String), leaves.map(String))
      if (leaves.length > 0) assert.equal(readBundle(bundle.subarray(0, -1)), undefined)
    }),
  )
})

const pair = generateKeyPairSync('ed25519')
const rawOf = (key: KeyObject) => Buffer.from((key.export({ format: 'jwk' }) as { x: string }).x, 'base64url')
const key = noteKey('example.com/log', noteKeyTypes.ed25519, rawOf(pair.publicKey))
const text = writeCheckpoint({ origin: 'example.com/log', size: 7, root: leaf(1) })
const signature = { name: key.name, id: key.id, signature: sign(null, Buffer.from(text), pair.privateKey) }

test('the signed note of the Go documentation and its key are read and verified', () => {
  // golang.org/x/mod/sumdb/note, package example.
  const go = readNoteKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  assert.ok(go)
  const note = readNote(
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
  )
  assert.ok(note)
  assert.deepEqual(signersOf(note, [go]), [go])
  assert.equal(writeNoteKey(go), 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
})

test('signatures of unknown keys are ignored, one forged signature makes the note worthless', () => {
  const note = { text, signatures: [{ ...signature, name: 'stranger' }, signature] }
  assert.deepEqual(readNote(writeNote(note))?.text, text)
  assert.deepEqual(signersOf(note, [key]), [key])
  const forged = { ...signature, signature: Uint8Array.from(signature.signature, byte => byte ^ 1) }
  assert.equal(signersOf({ text, signatures: [signature, forged] }, [key]), 'forged')
  assert.deepEqual(signersOf({ text, signatures: [{ ...signature, id: '00000000' }] }, [key]), [])
})

test('a cosignature counts for its time and the whole checkpoint', () => {
  const witness = noteKey('witness.example/w1', noteKeyTypes.cosignature, rawOf(pair.publicKey))
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(1_679_315_147n)
  const signed = sign(null, Buffer.from(`cosignature/v1\ntime 1679315147\n${text}`), pair.privateKey)
  const line = { name: witness.name, id: witness.id, signature: Buffer.concat([time, signed]) }
  assert.deepEqual(signersOf({ text, signatures: [line] }, [witness]), [witness])
  time.writeBigUInt64BE(1_679_315_148n)
  const later = { ...line, signature: Buffer.concat([time, signed]) }
  assert.equal(signersOf({ text, signatures: [later] }, [witness]), 'forged')
})

test('what is no note, no checkpoint or no key is undefined, never an error', () => {
  const note = writeNote({ text, signatures: [signature] })
  assert.deepEqual(readCheckpoint(text)?.size, 7)
  for (const bad of [
    '',
    '\n\n',
    text,
    note.slice(0, -1),
    note.replace('— ', '- '),
    note.replace('\n\n', '\n'),
    `\u0000${note}`,
    `${note}x\n`,
  ])
    assert.equal(readNote(bad), undefined, JSON.stringify(bad))
  for (const bad of [
    '',
    'a\n1\n',
    text.replace('\n7\n', '\n07\n'),
    text.slice(0, -1),
    `${text}\n`,
    text.replace('\n7\n', '\n-7\n'),
  ])
    assert.equal(readCheckpoint(bad), undefined, JSON.stringify(bad))
  const known = writeNoteKey(key)
  for (const bad of ['', known.slice(0, -2), known.replace('+', '+0'), `x${known}`])
    assert.equal(readNoteKey(bad), undefined)
  fc.assert(
    fc.property(fc.string(), fc.nat(note.length), (noise, at) => {
      const mutated = note.slice(0, at) + noise + note.slice(at + 1)
      const read = readNote(mutated)
      // A changed note is none, bears no signature that counts, or is the same text.
      if (read !== undefined && signersOf(read, [key]).includes(key as never)) assert.equal(read.text, text)
      readCheckpoint(noise)
      readNoteKey(noise)
    }),
  )
})
