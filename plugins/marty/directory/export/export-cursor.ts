import { shardDigits, shardOf } from '../entry/rank.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'

/** The parts of a collection in the order of an export. */
export const exportKinds = ['certificate', 'crl', 'masterList'] as const
export type ExportKind = (typeof exportKinds)[number]

/** A partition of one of the tables. */
export interface ExportSection {
  readonly kind: ExportKind
  readonly shard: string
}

/** What a collection is read from, in order: kind by kind, shard by shard. */
export function sectionsOf(collection: PublicKeyRow['collection']): readonly ExportSection[] {
  const kinds = collection === '002' ? (['masterList'] as const) : (['certificate', 'crl'] as const)
  return kinds.flatMap(kind => shardDigits.map(digit => ({ kind, shard: shardOf(collection, digit) })))
}

/** A place in an export: a section, and the cursor within it. */
export interface ExportPlace {
  readonly section: number
  readonly inner?: string
}

export const encodePlace = ({ section, inner = '' }: ExportPlace): string => `${section}.${inner}`

/** Undefined for a text that is no place in so many sections. */
export function decodePlace(text: string | undefined, sections: number): ExportPlace | undefined {
  if (text === undefined) return { section: 0 }
  const match = /^(0|[1-9]\d?)\.(.*)$/s.exec(text)
  const section = Number(match?.[1] ?? Number.NaN)
  if (!(section < sections)) return undefined
  const inner = match?.[2] ?? ''
  return inner === '' ? { section } : { section, inner }
}
