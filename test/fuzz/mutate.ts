import { concatBytes } from '../../layer/pki/src/der/writer.ts'
import { cloneTree, readTrees, siblingLists, type TreeNode, writeTree } from './der-tree.ts'
import type { Random } from './random.ts'

// What grows by repetition stays small enough that a run is many inputs, not one.
const maxBytes = 200_000

/** One or a few changes to a valid structure; `other` is another one to take pieces from. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes
  const changes = 1 + (random.oneIn(3) ? random.below(4) : 0)
  for (let count = 0; count < changes; count++) {
    const changed = random.oneIn(3) ? mutateBytes(result, other, random) : mutateTree(result, other, random)
    if (changed.length <= maxBytes) result = changed
  }
  return result
}

type ByteMutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array

const byteMutations: readonly ByteMutation[] = [
  // flip a bit
  (bytes, _other, random) => change(bytes, random.below(bytes.length), octet => octet ^ (1 << random.below(8))),
  // set an octet to a value that means something in DER
  (bytes, _other, random) =>
    change(bytes, random.below(bytes.length), () =>
      random.pick([0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xff, 0x1f, 0x30]),
    ),
  // truncate, or cut out a piece
  (bytes, _other, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, _other, random) => {
    const from = random.below(bytes.length)
    return concatBytes([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(16))])
  },
  // insert
  (bytes, _other, random) => {
    const at = random.below(bytes.length + 1)
    return concatBytes([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)])
  },
  // splice
  (bytes, other, random) =>
    concatBytes([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]),
]

function mutateBytes(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  return random.pick(byteMutations)(bytes, other, random)
}

function change(bytes: Uint8Array, at: number, to: (octet: number) => number): Uint8Array {
  const copy = bytes.slice()
  if (copy.length > 0) copy[at] = to(copy[at] ?? 0)
  return copy
}

type TreeMutation = (list: TreeNode[], at: number, donor: TreeNode, random: Random) => void

const treeMutations: readonly TreeMutation[] = [
  // remove, duplicate, swap
  (list, at) => void list.splice(at, 1),
  (list, at) => void list.splice(at, 0, cloneTree(list[at] as TreeNode)),
  (list, at, _donor, random) => {
    const to = random.below(list.length)
    const [a, b] = [list[at] as TreeNode, list[to] as TreeNode]
    list[at] = b
    list[to] = a
  },
  // repeat very often
  (list, at, _donor, random) => {
    const node = list[at] as TreeNode
    const size = writeTree(node).length
    const times = Math.min(random.pick([10, 100, 1000, 5000]), Math.floor(maxBytes / 2 / Math.max(size, 1)))
    list.splice(at, 0, ...Array.from({ length: times }, () => cloneTree(node)))
  },
  // a piece of something else
  (list, at, donor) => {
    list[at] = donor
  },
  (list, at, donor) => void list.splice(at, 0, donor),
  // another tag
  (list, at, _donor, random) => {
    const node = list[at] as TreeNode
    const tags = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31]
    const tag = random.oneIn(2) ? random.pick(tags) : 0x80 | (random.oneIn(2) ? 0x20 : 0) | random.below(9)
    node.identifier = Uint8Array.of(tag)
  },
  // other content
  (list, at, _donor, random) => {
    const node = list[at] as TreeNode
    node.children = undefined
    node.content = random.pick(contents)(random)
  },
  // deeper
  (list, at, _donor, random) => {
    let node = list[at] as TreeNode
    const identifier = random.oneIn(2) ? node.identifier.slice() : Uint8Array.of(0x30)
    for (let depth = random.pick([1, 2, 60, 300]); depth > 0; depth--) {
      node = { identifier, prefix: new Uint8Array(0), content: new Uint8Array(0), children: [node] }
    }
    list[at] = node
  },
]

const contents: readonly ((random: Random) => Uint8Array)[] = [
  () => new Uint8Array(0),
  () => Uint8Array.of(0),
  () => Uint8Array.of(0xff),
  () => Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0),
  () => Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  () => new Uint8Array(5000).fill(0x41),
  random => random.bytes(random.below(40)),
]

function mutateTree(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const roots = readTrees(bytes)
  if (roots === undefined || roots.length === 0) return mutateBytes(bytes, other, random)
  const list = random.pick(siblingLists(roots))
  const donors = readTrees(other)
  const at = random.below(list.length)
  const donorList = donors === undefined || donors.length === 0 ? list : random.pick(siblingLists(donors))
  random.pick(treeMutations)(list, at, cloneTree(random.pick(donorList)), random)
  return concatBytes(roots.map(writeTree))
}
