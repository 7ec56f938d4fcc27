import type { PlatformWrite } from '../database/database.ts'
import type { Logger, Span } from '../observability/observability.ts'

/** Who asks. Two are the same one when issuer and subject are. */
export interface Principal {
  /**
   * The `sub` of the token. Of a further issuer (`authentication.issuers`) it is `<issuer>#<sub>`, so that no two issuers have a subject in
   * common, and rows that hold nothing but the subject stay those of one principal.
   */
  readonly subject: string
  /** The configured name of the issuer whose token it is. Absent where no token was shown: a schedule, an event. */
  readonly issuer?: string
  /** Names, as tokens carry them. Within an operation the inherited ones too; ask with `context.access`. */
  readonly roles: readonly string[]
  /** Names, as tokens carry them. Within an operation those too that its roles carry; ask with `context.access`. */
  readonly permissions: readonly string[]
  /** Which credential of the principal it was, where it has several: the id of an API key. */
  readonly credential?: string | undefined
  /** What the credential is limited to where requests come in: `<service>.<operation>` or `<service>.*`. Absent: what roles and permissions allow. */
  readonly operations?: readonly string[] | undefined
  /** How the principal was authenticated. */
  readonly method: 'jwt' | 'api_key' | 'mtls' | 'iam' | 'process' | 'service'
}

/** One request. It is passed as an argument wherever it is needed; no ambient state knows who is asking. */
export interface Call {
  /** Absent for an anonymous caller. */
  readonly principal?: Principal | undefined
  /** Goes through logs, events and calls to other services. */
  readonly correlationId: string
  readonly requestId: string
  /** Aborts when the time of the request is over. */
  readonly signal: AbortSignal
  /** When it will abort, in milliseconds since 1970. */
  readonly deadline: number
  readonly logger: Logger
  /** The span in progress, if any. */
  readonly span?: Span | undefined
  /** The name under which `span` was opened for the operation that is called: its `traceOperation` of this name opens no second one. */
  readonly tracedAs?: string | undefined
  /** What stood before the route in the path of the request, such as a stage: addresses in an answer begin with it. */
  readonly basePath?: string | undefined
  /** The value of the Idempotency-Key header. */
  readonly idempotencyKey?: string | undefined
  /** The value of the If-None-Match header: an operation whose answer has one of these ETags may leave out what is expensive. */
  readonly ifNoneMatch?: string | undefined
  /** Set by the idempotency concern for the operation's own transaction. */
  readonly idempotency?: IdempotencyClaim | undefined
}

/** The operation adds `complete(output)` to its transaction, so that the stored answer exists exactly when the effect does. */
export interface IdempotencyClaim {
  complete(output: unknown): readonly PlatformWrite[]
}
