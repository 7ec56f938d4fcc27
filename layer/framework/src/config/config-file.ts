import type { JsonLimits } from '../json/strict-json.ts'

/** Where something stands in a file. Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Bounds of a JSON text of the configuration: far above any, so that only a mistake meets them. */
export const configLimits: JsonLimits = { depth: 64, members: 100_000, elements: 100_000 }

export type SettingPath = readonly (string | number)[]

/** A parsed YAML 1.2 file that can say where a setting stands. */
export interface YamlFile {
  readonly path: string
  /** Maps, lists and scalars; `null` for an empty file. */
  readonly value: unknown
  /** The position of the key (of the item, in a list), or that of its nearest ancestor that is in the file. */
  positionOf(path: SettingPath): Position | undefined
}
