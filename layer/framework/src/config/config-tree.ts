import { defined } from '../defined.ts'
import type { Position, SettingPath, YamlFile } from './config-file.ts'
import { isPlainMap } from './plain-map.ts'

/** Where a setting comes from. */
export type Origin =
  | {
      readonly kind: 'file'
      readonly file: YamlFile
      /** Absent in files without sections, such as manifests. */
      readonly section?: string
      readonly path: SettingPath
    }
  | { readonly kind: 'variable'; readonly variable: string }

/** A configuration being put together: maps merge, everything else (lists too) is one value. */
export type Tree = MapNode | ValueNode
interface MapNode {
  readonly kind: 'map'
  readonly origin: Origin
  readonly entries: ReadonlyMap<string, Tree>
}
interface ValueNode {
  readonly kind: 'value'
  readonly origin: Origin
  readonly value: unknown
}

/** A section of a file, or a file without sections, as a tree. An empty section (`default:` with nothing under it) is an empty map. */
export function treeOf(value: unknown, file: YamlFile, section?: string, path: SettingPath = []): Tree {
  const origin: Origin = { kind: 'file', file, path, ...defined({ section }) }
  if (isPlainMap(value)) {
    const entries = Object.entries(value).map(
      ([key, child]) => [key, treeOf(child, file, section, [...path, key])] as const,
    )
    return { kind: 'map', origin, entries: new Map(entries) }
  }
  if (value === null && path.length === 0) return { kind: 'map', origin, entries: new Map() }
  return { kind: 'value', origin, value }
}

/** What a tree holds, without where it comes from. */
export function valuesOf(tree: Tree): unknown {
  if (tree.kind === 'value') return tree.value
  return Object.fromEntries([...tree.entries].map(([key, child]) => [key, valuesOf(child)]))
}

/** Deep merge: maps key by key, anything else is replaced by `over`; lists are never joined. */
export function mergeTrees(base: Tree, over: Tree): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(base.entries)
  for (const [key, child] of over.entries) {
    const existing = entries.get(key)
    entries.set(key, existing === undefined ? child : mergeTrees(existing, child))
  }
  // A variable that sets one key does not become the place where the whole map stands.
  return { kind: 'map', origin: over.origin.kind === 'variable' ? base.origin : over.origin, entries }
}

/** A tree that holds one value at `path`. */
export function treeWith(path: readonly string[], value: unknown, origin: Origin): Tree {
  const [head, ...rest] = path
  if (head === undefined) return { kind: 'value', origin, value }
  return { kind: 'map', origin, entries: new Map([[head, treeWith(rest, value, origin)]]) }
}

/** The origin of the setting at `path`, or of its nearest ancestor that was written somewhere. */
export function originAt(tree: Tree, path: SettingPath): Origin {
  let node = tree
  for (const step of path) {
    const child = node.kind === 'map' ? node.entries.get(String(step)) : undefined
    if (child === undefined) return withinFile(node.origin, path)
    node = child
  }
  return withinFile(node.origin, path)
}

/** Whether anything was written at `path` (an item of a list counts as written with its list). */
export function isWritten(tree: Tree, path: SettingPath): boolean {
  let node = tree
  for (const step of path) {
    if (node.kind === 'value') return true
    const child = node.entries.get(String(step))
    if (child === undefined) return false
    node = child
  }
  return true
}

export function positionOf(origin: Origin): Position | undefined {
  if (origin.kind !== 'file') return undefined
  return origin.file.positionOf(origin.section === undefined ? origin.path : [origin.section, ...origin.path])
}

/** `config/plugins/marty.yaml:12:3 (production)`, or `environment variable MMF__…`. */
export function describeOrigin(origin: Origin): string {
  if (origin.kind === 'variable') return `environment variable ${origin.variable}`
  const position = positionOf(origin)
  const place = position === undefined ? '' : `:${position.line}:${position.column}`
  return `${origin.file.path}${place}${origin.section === undefined ? '' : ` (${origin.section})`}`
}

function withinFile(origin: Origin, path: SettingPath): Origin {
  return origin.kind === 'file' ? { ...origin, path } : origin
}
