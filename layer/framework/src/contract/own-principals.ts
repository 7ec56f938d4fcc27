import { MmfError } from '../errors/mmf-error.ts'
import type { Principal } from './call.ts'
import type { ServiceAccount } from './platform-context.ts'

/** The process itself, as it handles an event. It has no role: what only the relay can bring needs none. */
export const principalOfEvent = (type: string): Principal => processCalled(`event:${type}`)

/** The process itself, at a scheduled time. */
export const principalOfSchedule = (operation: string): Principal => processCalled(`schedule:${operation}`)

/** A plugin that calls another one in its own name, with what the configuration gives it. */
export const principalOfPlugin = (plugin: string, account: ServiceAccount | undefined): Principal => ({
  subject: `service:${plugin}`,
  roles: account?.roles ?? [],
  permissions: account?.permissions ?? [],
  method: 'service',
})

function processCalled(subject: string): Principal {
  return { subject, roles: [], permissions: [], method: 'process' }
}

const methods = [
  'jwt',
  'api_key',
  'mtls',
  'iam',
  'process',
  'service',
] as const satisfies readonly Principal['method'][]

/**
 * The principal that another of our functions says it calls for. Only who may invoke this function can say so; one of another form is refused, not mended.
 * @throws {MmfError} `authentication_required`
 */
export function principalOfCall(given: unknown): Principal | undefined {
  if (given === undefined) return undefined
  const { subject, roles, permissions, method } = Object(given) as { readonly [Name in keyof Principal]?: unknown }
  const isPrincipal =
    typeof subject === 'string' &&
    subject !== '' &&
    areNames(roles) &&
    areNames(permissions) &&
    methods.some(known => known === method)
  if (isPrincipal) return given as Principal
  throw new MmfError('authentication_required', { detail: 'the call of another function names no principal' })
}

const areNames = (value: unknown): boolean => Array.isArray(value) && value.every(name => typeof name === 'string')
