import type * as z from 'zod'
import type { SettingPath } from './config-file.ts'

type Schema = z.core.$ZodType
type Definition = z.core.$ZodTypes['_zod']['def']

/** The names of the settings that a schema knows at `path`; empty where it is no map of fixed names. */
export function knownSettings(schema: Schema, path: SettingPath): readonly string[] {
  const found = path.reduce<readonly Schema[]>(
    (schemas, step) => schemas.flatMap(candidate => stepInto(candidate, step)),
    [schema],
  )
  return [...new Set(found.flatMap(candidate => unwrap(candidate)).flatMap(definition => namesOf(definition)))]
}

/** The dotted paths of maps in a schema that would let unknown settings pass: each must be a `z.strictObject`. */
export function looseMaps(schema: Schema, path = '', seen: ReadonlySet<Schema> = new Set()): readonly string[] {
  if (seen.has(schema)) return []
  const visited = new Set([...seen, schema])
  return unwrap(schema).flatMap(definition => {
    if (definition.type === 'object') {
      const strict = definition.catchall !== undefined && definitionOf(definition.catchall).type === 'never'
      const inner = Object.entries(definition.shape).flatMap(([key, child]) =>
        looseMaps(child, join(path, key), visited),
      )
      return strict ? inner : [path, ...inner]
    }
    if (definition.type === 'array') return looseMaps(definition.element, join(path, '*'), visited)
    if (definition.type === 'record') return looseMaps(definition.valueType, join(path, '*'), visited)
    return []
  })
}

function stepInto(schema: Schema, step: string | number): readonly Schema[] {
  return unwrap(schema).flatMap(definition => {
    if (definition.type === 'object') {
      const child = definition.shape[String(step)]
      return child === undefined ? [] : [child]
    }
    if (definition.type === 'array') return [definition.element]
    return definition.type === 'record' ? [definition.valueType] : []
  })
}

function namesOf(definition: Definition): readonly string[] {
  return definition.type === 'object' ? Object.keys(definition.shape) : []
}

/** The definitions behind defaults, optionals and alternatives. */
function unwrap(schema: Schema): readonly Definition[] {
  const definition = definitionOf(schema)
  switch (definition.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return unwrap(definition.innerType)
    case 'pipe':
      return unwrap(definition.in)
    case 'union':
      return definition.options.flatMap(option => unwrap(option))
    case 'intersection':
      return [...unwrap(definition.left), ...unwrap(definition.right)]
    default:
      return [definition]
  }
}

function definitionOf(schema: Schema): Definition {
  return schema._zod.def as Definition
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
