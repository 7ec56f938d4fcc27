import { createHash } from 'node:crypto'
import { resourcesOf } from '@mmf/framework/internal'
import type { InstalledPlugin } from './installed-plugins.ts'

/** What a host opens once for a plugin, each as a digest of its declaration. */
export type FixedAtStart = Readonly<Record<'tables' | 'keys' | 'settings' | 'secrets', string>>

/** What of a plugin cannot be changed under a running host: compared by declaration, the text of functions in it included. */
export function fixedAtStart({ definition, manifest }: InstalledPlugin): FixedAtStart {
  const { tables, keys } = resourcesOf(definition)
  return {
    tables: digest(tables),
    keys: digest([keys, definition.signingAlgorithms]),
    settings: digest(definition.config),
    secrets: digest(manifest.permissions?.secrets),
  }
}

const digest = (value: unknown): string => createHash('sha256').update(written(value, [])).digest('hex')

function written(value: unknown, above: readonly unknown[]): string {
  if (typeof value === 'function') return String(value)
  if (typeof value === 'bigint' || value instanceof RegExp || value instanceof Date) return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (above.includes(value)) return '…'
  const within = [...above, value]
  // A schema of zod is its definition; the rest of it is made when it is used.
  if ('_zod' in value) return written((value._zod as { readonly def: unknown }).def, within)
  if (value instanceof Map || value instanceof Set) return written([...value], within)
  return `{${Object.entries(value).map(([name, part]) => `${name}:${written(part, within)}`)}}`
}
