import * as z from 'zod'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import type { AuthDeclaration, Declaration } from '../../contract/operation/declaration.ts'
import type { AnyOperation } from '../../contract/operation/operation.ts'
import type { Service } from '../../contract/service.ts'
import { defined } from '../../defined.ts'
import { operationsOf, permissionsOf, rolesOf } from '../../derive/declared.ts'
import { catalogue } from '../../errors/catalogue.ts'
import { platformRoles } from '../platform/platform-roles.ts'
import { declaredPlatformService } from '../platform/platform-service.ts'

type Json = Record<string, unknown>

/**
 * The API of these plugins as OpenAPI 3.1, derived from their operations. The wire form is the input side of every schema.
 * @param platform the platform's own routes; default those that every deployment has
 * @param publicUrls addresses that the configuration gives the API
 * @param addresses those that it gives single services, by `<plugin>.<service>`; published as `x-mmf-services`
 * @param described what {@link describeOperations} said of the plugins where they were whole; default: they are whole here
 */
export function openapi(
  plugins: readonly PluginDefinition[],
  platform: Service = declaredPlatformService,
  publicUrls: readonly string[] = [],
  addresses: Readonly<Record<string, string>> = {},
  described: DescribedOperations = {},
): object {
  const operations = [...plugins.flatMap(operationsOf), ...Object.values(platform.operations)]
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    if (operation.http === undefined) continue
    const path = paths[operation.http.path] ?? {}
    path[operation.http.method.toLowerCase()] = described[idOf(operation)] ?? describe(operation)
    paths[operation.http.path] = path
  }
  const [first] = plugins
  return {
    openapi: '3.1.0',
    info: {
      title: first?.title ?? 'MMF',
      version: first?.version ?? '0',
      description: first?.description ?? '',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // The first one is where the document was read; the others are what the configuration says.
    servers: [{ url: '/' }, ...publicUrls.map(url => ({ url }))],
    paths,
    'x-mmf-roles': [...rolesOf(plugins), ...platformRoles].map(({ name, description, inherits, permissions }) => ({
      name,
      description,
      inherits: inherits.map(role => role.name),
      permissions: permissions.map(permission => permission.name),
    })),
    ...(Object.keys(addresses).length > 0 && {
      'x-mmf-services': Object.fromEntries(Object.entries(addresses).map(([name, url]) => [name, { url }])),
    }),
    'x-mmf-permissions': permissionsOf(plugins).map(({ name, description }) => ({ name, description })),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: problemSchema() },
    },
  }
}

/** Operations as the document shows them, by their ids. */
export type DescribedOperations = Readonly<Record<string, Json>>

/** What the document says of the operations of these plugins, for a function that holds outlines of their services only. */
export function describeOperations(plugins: readonly PluginDefinition[]): DescribedOperations {
  const shown = plugins.flatMap(operationsOf).filter(({ http }) => http !== undefined)
  return Object.fromEntries(shown.map(operation => [idOf(operation), describe(operation)]))
}

const idOf = ({ service, name }: AnyOperation): string => `${service}.${name}`

function describe(operation: AnyOperation): Json {
  const { auth, idempotent } = operation.declares
  const isPublic = auth?.access === 'public'
  return {
    operationId: idOf(operation),
    tags: [operation.service],
    ...defined({ summary: operation.description }),
    ...(isPublic ? { security: [] } : { security: [{ bearer: [] }], 'x-mmf-authorization': named(auth) }),
    ...parametersAndBody(operation, idempotent !== undefined),
    responses: responses(operation),
  }
}

/** By name: what roles and permissions mean stands once, at the end of the document. */
function named(auth: AuthDeclaration | undefined): Json | undefined {
  if (auth?.access !== 'authenticated') return auth
  return { ...auth, roles: auth.roles.map(({ name }) => name), permissions: auth.permissions.map(({ name }) => name) }
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  return rest
}

function parametersAndBody(operation: AnyOperation, idempotent: boolean): Json {
  const schema = jsonSchema(operation.input)
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as readonly string[]
  const inPath = [...(operation.http?.path ?? '').matchAll(/\{([^}]*)\}/g)].map(match => match[1] ?? '')
  const hasBody = operation.http?.method === 'POST' || operation.http?.method === 'PUT'
  const parameters: Json[] = inPath.map(name => ({ name, in: 'path', required: true, schema: properties[name] ?? {} }))
  if (!hasBody) {
    for (const [name, property] of Object.entries(properties)) {
      if (!inPath.includes(name))
        parameters.push({ name, in: 'query', required: required.includes(name), schema: property })
    }
  }
  if (idempotent) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    })
  }
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody
      ? { requestBody: { required: true, content: { 'application/json': { schema: withoutPath(schema, inPath) } } } }
      : {}),
  }
}

/** The body's schema: path parameters are not part of it. */
function withoutPath(schema: Json, inPath: readonly string[]): Json {
  if (inPath.length === 0) return schema
  const properties = Object.entries((schema['properties'] ?? {}) as Json).filter(([name]) => !inPath.includes(name))
  const required = ((schema['required'] ?? []) as readonly string[]).filter(name => !inPath.includes(name))
  return { ...schema, properties: Object.fromEntries(properties), required }
}

/** The refusals that concerns make. The rest of the errors is in `default`. */
function refusals({ rateLimit, timeout, circuitBreaker, bulkhead }: Declaration, problem: Json): Json {
  const retryAfter = { 'retry-after': { description: 'Seconds to wait', schema: { type: 'integer' } } }
  const unavailable = [
    ...(timeout === undefined ? [] : ['deadline_exceeded']),
    ...(circuitBreaker === undefined ? [] : ['circuit_open']),
    ...(bulkhead === undefined && rateLimit === undefined ? [] : ['overloaded']),
  ]
  return {
    ...(rateLimit === undefined
      ? {}
      : { '429': { description: 'Too many calls: quota_exceeded', headers: retryAfter, content: problem } }),
    ...(unavailable.length === 0
      ? {}
      : { '503': { description: `Not now: ${unavailable.join(', ')}`, headers: retryAfter, content: problem } }),
  }
}

function responses({ http, output, description, name, declares }: AnyOperation): Json {
  const status = http?.status ?? 200
  const content: Json = { 'application/json': { schema: jsonSchema(http?.present?.body ?? output) } }
  for (const type of [...Object.keys(http?.representations ?? {}), ...(http?.present?.mediaTypes ?? [])]) {
    // The media type alone: its parameters say how the text is encoded, which is no other representation.
    content[type.split(';')[0] ?? type] ??= { schema: { type: 'string' } }
  }
  const problem: Json = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const success: Json = { description: description ?? name, content }
  // Where the answer decides its status (health), the same answer also comes with a status that is no success.
  if (typeof status === 'function') {
    const either = 'The same answer where it is no success; any error as problem+json (RFC 9457)'
    return {
      '200': success,
      ...refusals(declares, problem),
      default: { description: either, content: { ...content, ...problem } },
    }
  }
  return {
    [String(status)]: success,
    ...refusals(declares, problem),
    default: { description: 'Any error, as problem+json (RFC 9457)', content: problem },
  }
}

function problemSchema(): Json {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'correlationId'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', enum: Object.keys(catalogue).sort() },
      detail: { type: 'string' },
      correlationId: { type: 'string' },
      errorId: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string' }, message: { type: 'string' }, code: { type: 'string' } },
        },
      },
    },
  }
}
