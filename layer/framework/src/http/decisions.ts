import type { Principal } from '../contract/call.ts'
import type { AuthDeclaration } from '../contract/operation/declaration.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { LogFields, Logger } from '../observability/observability.ts'

/** Whether an operation is of the platform itself, not of a plugin. */
export const isPlatformService = ({ plugin }: PluginContext): boolean => plugin.name === 'platform'

/** Lines of the HTTP layer about an operation, under `framework.http`. */
export function loggerOf(logger: Logger, operation: AnyOperation, { plugin }: PluginContext): Logger {
  const { service, name } = operation
  return logger.child({ plugin: plugin.name, service, operation: `${service}.${name}` }, 'framework.http')
}

/** Who a request comes from, and what that is judged by: names only, as no credential may reach a log. */
export function authorizationFields(auth: AuthDeclaration | undefined, principal: Principal | undefined): LogFields {
  const needed = auth === undefined || auth.access === 'public' ? undefined : auth
  return {
    access: auth?.access,
    subject: principal?.subject,
    roles: principal?.roles,
    permissions: principal?.permissions,
    neededRoles: needed?.roles.map(({ name }) => name),
    neededPermissions: needed?.permissions.map(({ name }) => name),
  }
}
