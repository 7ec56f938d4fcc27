import type * as z from 'zod'
import type { PluginDefinition } from '../../contract/define-plugin.ts'
import type { AnyOperation } from '../../contract/operation/operation.ts'
import type { Scope } from '../../contract/scope.ts'
import { type FieldError, MmfError } from '../../errors/mmf-error.ts'
import { scopeFaults } from './check-scope.ts'

// What TypeScript refuses in a plugin that is compiled with its types, refused by name in one that is not. Discovery asks, so that no function
// holds these checks.

const snakeCase = /^[a-z][a-z0-9_]*$/
const methods = ['GET', 'POST', 'PUT', 'DELETE']

/**
 * Refuses a definition that a type check would refuse, all faults at once.
 * @throws {MmfError} `declaration_invalid`; each of its `errors` names a member, what stands there and what is allowed
 */
export function checkDeclarations(definition: PluginDefinition): void {
  const errors = [...pluginFaults(definition), ...servicesOf(definition).flatMap(serviceFaults)]
  if (errors.length === 0) return
  const { name } = definition
  const detail = `${name}: ${errors.map(({ path, message }) => `${path}: ${message}`).join('; ')}`
  throw new MmfError('declaration_invalid', { detail, members: { plugin: name }, errors })
}

type Loose = Readonly<Record<string, unknown>>

function pluginFaults(definition: PluginDefinition): FieldError[] {
  const { title, description, metricPrefix, config, services } = definition as unknown as Loose
  return [
    ...fault('title', title, isText(title), 'a text'),
    ...fault('description', description, isText(description), 'a text'),
    ...fault('metricPrefix', metricPrefix, isName(metricPrefix), 'snake_case letters and digits'),
    ...fault('config', config, isSchema(config), 'what pluginConfig({ … }) gives'),
    ...fault('services', services, Array.isArray(services), 'a list of what defineService gives'),
  ]
}

const servicesOf = ({ services }: PluginDefinition): readonly unknown[] => (Array.isArray(services) ? services : [])

function serviceFaults(service: unknown): FieldError[] {
  const { name, operations } = (service ?? {}) as Loose
  const at = `service "${shown(name)}"`
  const found = typeof operations === 'object' && operations !== null ? Object.entries(operations) : []
  return [
    ...fault(`${at}.name`, name, isName(name), 'snake_case letters and digits'),
    ...fault(`${at}.operations`, operations, found.length > 0, 'a map of what operation({ … }) gives'),
    ...found.flatMap(([key, operation]) => operationFaults(`${shown(name)}.${key}`, operation)),
  ]
}

function operationFaults(at: string, operation: AnyOperation): FieldError[] {
  const { name, input, output, http, scope } = operation as unknown as Loose
  return [
    ...fault(`${at}.name`, name, isName(name), 'snake_case letters and digits'),
    ...schemaFaults(`${at}.input`, input),
    ...schemaFaults(`${at}.output`, output),
    ...fault(`${at}.scope`, scope, typeof scope === 'object' && scope !== null, 'the scope of serviceScope()'),
    ...(typeof scope === 'object' && scope !== null ? scopeFaults(`${at}.scope`, scope as Scope) : []),
    ...(http === undefined ? [] : httpFaults(`${at}.http`, http as Loose)),
  ]
}

function httpFaults(at: string, { method, path }: Loose): FieldError[] {
  const isPath = typeof path === 'string' && /^(\/([\w.~-]+|\{\w+\}))+$/.test(path)
  return [
    ...fault(`${at}.method`, method, methods.includes(String(method)), `one of ${methods.join(', ')}`),
    ...fault(`${at}.path`, path, isPath, 'segments after slashes, parameters in braces, such as /v1/visits/{visitId}'),
  ]
}

function schemaFaults(at: string, schema: unknown): FieldError[] {
  if (!isSchema(schema)) return fault(at, schema, false, 'a schema of zod')
  return oneWay(schema).map(path => ({
    path: `${at}${path}`,
    message: 'a transform works in one direction only; use z.codec, which decodes and encodes',
  }))
}

/** Where a schema changes values in one direction only: its answers could not be encoded, or its requests not be documented. */
function oneWay(schema: z.core.$ZodType, path = '', seen: readonly unknown[] = []): readonly string[] {
  if (seen.includes(schema)) return []
  const visited = [...seen, schema]
  const definition = schema._zod.def as unknown as Loose
  if (definition['type'] === 'transform') return [path]
  return Object.entries(definition).flatMap(([member, value]) => {
    if (isSchema(value)) return oneWay(value, path, visited)
    if (member === 'shape' && typeof value === 'object' && value !== null) {
      return Object.entries(value).flatMap(([key, child]) =>
        isSchema(child) ? oneWay(child, `${path}.${key}`, visited) : [],
      )
    }
    return Array.isArray(value) ? value.flatMap(child => (isSchema(child) ? oneWay(child, path, visited) : [])) : []
  })
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
const isName = (value: unknown): boolean => typeof value === 'string' && snakeCase.test(value)
const isSchema = (value: unknown): value is z.core.$ZodType =>
  typeof value === 'object' && value !== null && '_zod' in value

const fault = (path: string, value: unknown, fits: boolean, allowed: string): FieldError[] =>
  fits ? [] : [{ path, message: `is ${shown(value)}; it must be ${allowed}` }]

/** What stands there, short: an author's own code holds no secret, but may be long. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `${value.slice(0, 40)}…` : value
  if (value === null || ['undefined', 'number', 'boolean'].includes(typeof value)) return String(value)
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
