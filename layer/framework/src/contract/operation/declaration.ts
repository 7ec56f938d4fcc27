import type { PermissionDefinition, RoleDefinition } from '../access.ts'

/** What a concern declares to the rest of the platform, as data: HTTP layer, OpenAPI, CDK, permission matrix and docs read it. */
export interface Declaration {
  readonly auth?: AuthDeclaration
  readonly metric?: { readonly metricName: string; readonly timing: boolean; readonly counter: boolean }
  readonly trace?: { readonly operationName: string }
  readonly idempotent?: { readonly ttlSeconds: number; readonly afterwards: boolean }
  readonly event?: {
    readonly eventType: string
    readonly retryAttempts: number
    readonly asyncProcessing: boolean
  }
  readonly schedule?: { readonly everyMinutes: number }
}

/** Who may call. `public` is declared, never the absence of a declaration. */
export type AuthDeclaration =
  | { readonly access: 'public' }
  | {
      readonly access: 'authenticated'
      /** Any of these roles is enough, unless `requireAllRoles`. Empty: no role needed. */
      readonly roles: readonly RoleDefinition[]
      /** All of these permissions are needed, unless `requireAllPermissions` is false. */
      readonly permissions: readonly PermissionDefinition[]
      readonly requireAllRoles: boolean
      readonly requireAllPermissions: boolean
      /** An anonymous caller is let in; one with a bad token is not. */
      readonly optional: boolean
    }
