import type { AnyEvent } from '../../events/events.ts'
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
  readonly cache?: { readonly per: 'principal' | 'everyone'; readonly invalidateOn: readonly string[] }
  readonly rateLimit?: { readonly requestsPerSecond: number; readonly burst: number }
  readonly audit?: { readonly action: string; readonly resourceType: string }
  /** Events that the concerns publish. They join the scope of the operation. */
  readonly publishes?: readonly AnyEvent[]
  readonly timeout?: { readonly timeoutMs: number }
  readonly retry?: { readonly maxAttempts: number }
  readonly circuitBreaker?: { readonly openSeconds: number }
  readonly bulkhead?: { readonly maxConcurrent: number }
  readonly fallback?: true
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
