import * as z from 'zod'
import type { AnyOperation, HttpDeclaration } from '../contract/operation/operation.ts'
import { type KeyGrant, signs } from '../contract/scope.ts'
import type { Operations, Service } from '../contract/service.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { KeyDefinition } from '../keys/keys.ts'
import { scopeOf } from './declared.ts'

/** What the platform's own function needs to know of a service that another function serves: data, which the build takes from the declaration. */
export interface ServiceOutline {
  readonly name: string
  readonly description: string
  /** Whether it says how old what it relies on is. */
  readonly hasAges: boolean
  readonly keys: readonly KeyDefinition[]
  readonly operations: Readonly<Record<string, OperationOutline>>
}

interface OperationOutline {
  readonly name: string
  readonly description?: string | undefined
  readonly http?: Pick<HttpDeclaration, 'method' | 'path'> | undefined
}

/** The outline of a service that was checked: it can be written as JSON. */
export function outlineOf(service: Service): ServiceOutline {
  const { name, description, operations, ages } = service
  const outlines = Object.entries(operations).map(([key, operation]): [string, OperationOutline] => {
    const { http } = operation
    const route = http === undefined ? undefined : { method: http.method, path: http.path }
    return [key, { name: operation.name, description: operation.description, http: route }]
  })
  return {
    name,
    description,
    hasAges: ages !== undefined,
    keys: scopeOf(service).keys.map(({ key }) => key),
    operations: Object.fromEntries(outlines),
  }
}

/** Services that can be listed, routed and asked for in other functions. None of them runs here: what tries to is refused. */
export function outlinedServices(outlines: readonly ServiceOutline[]): readonly Service[] {
  // A key that several services sign with is one definition, as in the declarations.
  const keys = new Map(outlines.flatMap(outline => outline.keys.map(key => [key.name, signs(key)] as const)))
  return outlines.map(outline => outlinedService(outline, keys))
}

function outlinedService(
  { name, description, hasAges, keys, operations }: ServiceOutline,
  grants: ReadonlyMap<string, KeyGrant>,
): Service {
  const elsewhere = async (): Promise<never> => {
    throw new MmfError('service_unavailable', { detail: `${name} runs in its own function` })
  }
  const scope = { keys: keys.map(key => grants.get(key.name)).filter(grant => grant !== undefined) }
  const outlined = Object.entries(operations).map(([key, operation]): [string, AnyOperation] => [
    key,
    {
      ...(operation as OperationOutline & { description: string; http: HttpDeclaration }),
      service: name,
      input: nothing,
      output: nothing,
      scope,
      declares: {},
      call: elsewhere,
      invoke: elsewhere,
    },
  ])
  return {
    name,
    description,
    operations: Object.fromEntries(outlined) as Operations,
    // Its tables are not known here: only its own function can say that it is healthy.
    healthCheck: elsewhere,
    ...(hasAges ? { ages: elsewhere } : {}),
  }
}

const nothing = z.never()
