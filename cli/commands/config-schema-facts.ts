/** A part of a JSON Schema (2020-12), as far as settings have it. */
export interface SettingSchema {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: SettingSchema
  readonly anyOf?: readonly SettingSchema[]
  readonly oneOf?: readonly SettingSchema[]
  readonly properties?: Readonly<Record<string, SettingSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SettingSchema | boolean
}

/** `integer, 1 to 65535`; `list of text`; `text or number`. */
export function typeOf(schema: SettingSchema): string {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.properties !== undefined) return 'section'
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}`
  const { type = 'value', items, format } = schema
  if (type === 'array') return items === undefined ? 'list' : `list of ${typeOf(items)}`
  const name = typeof type === 'string' ? type : type.join(' or ')
  return format === undefined ? name : `${name} (${format})`
}

/** What the values may be, where the type does not say it all: `RSA-SHA256, …`; `1 to 65535`. */
export function allowedOf(schema: SettingSchema): string | undefined {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return joined(choices.map(allowedOf), ', ')
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ')
  if (schema.const !== undefined) return String(schema.const)
  if (schema.items !== undefined)
    return joined([allowedOf(schema.items), range(schema.minItems, schema.maxItems, ' of them')], '; ')
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, pattern } = schema
  return joined(
    [
      range(minimum, maximum),
      exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`,
      exclusiveMaximum === undefined ? undefined : `less than ${exclusiveMaximum}`,
      range(schema.minLength, schema.maxLength, ' characters'),
      pattern === undefined ? undefined : `as ${pattern} has it`,
    ],
    ', ',
  )
}

/** The whole numbers of JavaScript are no limit that a person has set. */
function range(from: number | undefined, to: number | undefined, unit = ''): string | undefined {
  const low = from === undefined || from === Number.MIN_SAFE_INTEGER ? undefined : from
  const high = to === undefined || to === Number.MAX_SAFE_INTEGER ? undefined : to
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`
  if (low !== undefined) return `${low} or more${unit}`
  return high === undefined ? undefined : `at most ${high}${unit}`
}

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  const present = [...new Set(parts.filter(part => part !== undefined && part !== ''))]
  return present.length === 0 ? undefined : present.join(separator)
}

/** The schema of a setting, in maps that take any names too, and whether it has to be there. */
export function settingAt(
  root: SettingSchema,
  path: readonly string[],
): { schema: SettingSchema; isRequired: boolean } | undefined {
  let schema = root
  let isRequired = false
  for (const name of path) {
    const below: SettingSchema | undefined = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
      .map(
        choice =>
          choice.properties?.[name] ??
          (typeof choice.additionalProperties === 'object' ? choice.additionalProperties : undefined),
      )
      .find(found => found !== undefined)
    if (below === undefined) return undefined
    isRequired = schema.required?.includes(name) ?? false
    schema = below
  }
  return { schema, isRequired }
}

/** Dotted paths of every setting and section below. `*` stands for a name of one's choice. */
export function pathsOf(schema: SettingSchema, prefix = ''): readonly string[] {
  const { properties = {}, additionalProperties } = schema
  const own = Object.entries(properties).flatMap(([name, below]) => [
    `${prefix}${name}`,
    ...pathsOf(below, `${prefix}${name}.`),
  ])
  return typeof additionalProperties === 'object' ? [...own, ...pathsOf(additionalProperties, `${prefix}*.`)] : own
}
