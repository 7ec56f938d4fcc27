/** A JSON schema as our OpenAPI document has it. */
export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** Where a value is not as its schema says. Knows the keywords that our documents use. */
export function violations(value: unknown, schema: Schema, path = '$'): string[] {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    const results = choices.map(choice => violations(value, choice, path))
    return results.some(found => found.length === 0) ? [] : results.flat()
  }
  const found: string[] = []
  const type = typeOf(value)
  const isRight =
    schema.type === undefined || type === schema.type || (schema.type === 'integer' && Number.isInteger(value))
  if (!isRight) return [`${path}: ${type} instead of ${schema.type}`]
  if (schema.enum?.includes(value) === false) found.push(`${path}: not in the enum`)
  if (schema.const !== undefined && schema.const !== value) found.push(`${path}: not the constant`)
  if (typeof value === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    found.push(`${path}: not of the pattern`)
  }
  if (Array.isArray(value))
    for (const [i, item] of value.entries()) found.push(...violations(item, schema.items ?? {}, `${path}[${i}]`))
  if (type === 'object') found.push(...ofObject(value as Readonly<Record<string, unknown>>, schema, path))
  return found
}

function ofObject(value: Readonly<Record<string, unknown>>, schema: Schema, path: string): string[] {
  const { properties = {}, required = [], additionalProperties = true } = schema
  const missing = required.filter(name => !Object.hasOwn(value, name)).map(name => `${path}.${name}: missing`)
  const inside = Object.entries(value).flatMap(([name, member]) => {
    const property = properties[name] ?? additionalProperties
    if (property === false) return [`${path}.${name}: not in the schema`]
    return property === true ? [] : violations(member, property, `${path}.${name}`)
  })
  return [...missing, ...inside]
}
