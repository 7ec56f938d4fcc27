import { concatBytes } from '../../layer/pki/src/der/writer.ts'

/**
 * One TLV that can be changed and written again, so that a change deep inside leaves everything around it well formed. Strings that hold DER
 * (extension values, keys) are opened too.
 */
export interface TreeNode {
  identifier: Uint8Array
  /** Octets before the children: the count of unused bits of a BIT STRING that holds DER. */
  prefix: Uint8Array
  content: Uint8Array
  children: TreeNode[] | undefined
}

const maxDepth = 40
const noOptions = new Uint8Array(0)

/** Reads bytes leniently into trees; undefined where they are no sequence of TLVs. */
export function readTrees(bytes: Uint8Array, depth = 0): TreeNode[] | undefined {
  const nodes: TreeNode[] = []
  let offset = 0
  while (offset < bytes.length) {
    const header = readHeader(bytes, offset)
    if (header === undefined) return undefined
    const content = bytes.subarray(header.contentStart, header.end)
    nodes.push(toNode(bytes.subarray(offset, header.lengthStart), content, depth))
    offset = header.end
  }
  return nodes
}

function toNode(identifier: Uint8Array, content: Uint8Array, depth: number): TreeNode {
  const tag = identifier[0] ?? 0
  const leaf = { identifier, prefix: noOptions, content, children: undefined }
  if (depth >= maxDepth) return leaf
  const holdsDer = tag === 0x04 || (tag === 0x03 && content[0] === 0)
  if ((tag & 0x20) === 0 && !holdsDer) return leaf
  const prefix = tag === 0x03 ? content.subarray(0, 1) : noOptions
  const children = readTrees(content.subarray(prefix.length), depth + 1)
  if (children === undefined || (holdsDer && children.length === 0)) return leaf
  return { identifier, prefix, content: noOptions, children }
}

function readHeader(
  bytes: Uint8Array,
  start: number,
): { lengthStart: number; contentStart: number; end: number } | undefined {
  let at = start + 1
  if (((bytes[start] ?? 0) & 0x1f) === 0x1f) {
    while (((bytes[at] ?? 0) & 0x80) !== 0) at++
    at++
  }
  const lengthStart = at
  const first = bytes[at++]
  if (first === undefined || first === 0x80) return undefined
  let length = first
  if (first > 0x80) {
    length = 0
    for (let count = first & 0x7f; count > 0; count--) length = length * 256 + (bytes[at++] ?? 0)
  }
  return at + length > bytes.length ? undefined : { lengthStart, contentStart: at, end: at + length }
}

/** Writes a tree with lengths that fit. */
export function writeTree(node: TreeNode): Uint8Array {
  const content =
    node.children === undefined ? node.content : concatBytes([node.prefix, ...node.children.map(writeTree)])
  return concatBytes([node.identifier, lengthOctets(content.length), content])
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

/** Every list of siblings in a tree, the root's own included. */
export function siblingLists(roots: TreeNode[]): TreeNode[][] {
  const lists: TreeNode[][] = [roots]
  for (const list of lists) for (const { children } of list) if (children !== undefined) lists.push(children)
  return lists.filter(list => list.length > 0)
}

export function cloneTree(node: TreeNode): TreeNode {
  return { ...node, children: node.children?.map(cloneTree) }
}
