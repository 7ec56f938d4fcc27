import type { Scope } from '../../contract/scope.ts'
import { checkedTable } from '../../database/checked-table.ts'
import type { AnyTable } from '../../database/table.ts'
import type { FieldError } from '../../errors/mmf-error.ts'
import { allSigningAlgorithmNames } from '../../keys/signing-algorithms.ts'

/**
 * What is wrong with the tables, keys and events of a scope. A host opens them for all plugins at once: one that cannot be opened must be known as its
 * plugin's before.
 */
export function scopeFaults(at: string, { tables = [], keys = [], events = [] }: Scope): FieldError[] {
  return [
    ...tables.flatMap(({ table }) => tableFaults(`${at}.tables "${table?.name}"`, table)),
    ...keys.flatMap(({ key }) => keyFaults(`${at}.keys "${key?.name}"`, key)),
    ...events.flatMap(({ event }) => eventFaults(`${at}.events "${event?.name}"`, event)),
  ]
}

function tableFaults(path: string, table: AnyTable): FieldError[] {
  try {
    checkedTable(table)
    return []
  } catch (error) {
    return [{ path, message: error instanceof Error ? error.message : String(error) }]
  }
}

type Loose = Readonly<Record<string, unknown>>

function keyFaults(path: string, key: unknown): FieldError[] {
  const { name, purpose, algorithms } = (key ?? {}) as Loose
  const known: readonly string[] = allSigningAlgorithmNames
  const listed = Array.isArray(algorithms) ? algorithms.map(String) : []
  const unknown = listed.filter(algorithm => !known.includes(algorithm))
  return [
    ...unless(isName(name), path, `its name is ${JSON.stringify(name)}; it must be snake_case letters and digits`),
    ...unless(purpose === 'sign', path, `its purpose is ${JSON.stringify(purpose)}; it must be "sign"`),
    ...unless(listed.length > 0, path, 'it has no algorithms; a list of them is needed'),
    ...unknown.map(one => ({ path, message: `its algorithm "${one}" is not known; allowed: ${known.join(', ')}` })),
  ]
}

function eventFaults(path: string, event: unknown): FieldError[] {
  const { name, version, data } = (event ?? {}) as Loose
  const isSchema = typeof data === 'object' && data !== null && '_zod' in data
  const isVersion = Number.isSafeInteger(version) && Number(version) >= 1
  return [
    ...unless(isName(name), path, `its name is ${JSON.stringify(name)}; it must be snake_case letters and digits`),
    ...unless(isVersion, path, `its version is ${JSON.stringify(version)}; it must be a whole number of at least 1`),
    ...unless(isSchema, path, 'its data must be a schema of zod'),
  ]
}

const isName = (value: unknown): boolean => typeof value === 'string' && /^[a-z][a-z0-9_]*$/.test(value)

const unless = (fits: boolean, path: string, message: string): FieldError[] => (fits ? [] : [{ path, message }])
