import * as z from 'zod'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { ownWords } from '../../errors/schema-message.ts'
import { withGrants } from '../access.ts'
import type { Call } from '../call.ts'
import type { PluginContext } from '../plugin-context.ts'
import type { Scope } from '../scope.ts'
import type { ScopedContext } from '../scoped-context.ts'
import { checkConcerns } from './check-concerns.ts'
import { checkOperation } from './check-operation.ts'
import type { AboutOperation, Concern, Invocation, Method } from './concern.ts'
import type { Declaration } from './declaration.ts'
import { repeatable } from './repeatable.ts'
import { schemaViolation } from './schema-violation.ts'

/** An answer as it goes out. What is left out is as it would be without: the JSON form of the output, no further headers. */
export interface Presentation {
  readonly body?: string | undefined
  /** `body` is base64 of the bytes that go out; default false. */
  readonly isBase64?: boolean | undefined
  readonly mediaType?: string | undefined
  /** Of this very answer, with its quotes (RFC 9110 §8.8.3). A request whose `If-None-Match` has it gets 304 without a body. */
  readonly etag?: string | undefined
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** How an operation appears over HTTP. Path parameters stand in braces: `/v1/signatures/{signatureId}`. */
export interface HttpDeclaration<Output = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** Status of success; default 200. A function where the answer itself decides, as in health. It sees the wire form. */
  readonly status?: number | ((output: Output) => number)
  /** Further media types by content negotiation, beside JSON. They see the wire form. */
  readonly representations?: Readonly<Record<string, (output: Output) => string>>
  /** The media type for a client that has no preference; default JSON. */
  readonly preferred?: string
  /** Where the output decides what goes out: body, media type, ETag, headers. `Accept` is not looked at then. `of` sees the wire form. */
  readonly present?: {
    readonly mediaTypes: readonly string[]
    readonly of: (output: Output) => Presentation
    /** The schema of the JSON body, where that is not the output itself; for OpenAPI. */
    readonly body?: z.ZodType
  }
  /** `Cache-Control: public, max-age=…`; default `no-store`. */
  readonly maxAgeSeconds?: number
}

export interface OperationDefinition<Config, S extends Scope, Input extends z.ZodType, Output extends z.ZodType> {
  /** snake_case; unique in its service. */
  readonly name: string
  readonly description?: string
  readonly input: Input
  readonly output: Output
  readonly http?: HttpDeclaration<NoInfer<z.input<Output>>>
  /** Outermost first. One of them is `requiresAuth` or `publicAccess`. */
  readonly concerns: readonly Concern<NoInfer<z.output<Input>>, NoInfer<z.output<Output>>>[]
  run(
    input: NoInfer<z.output<Input>>,
    invocation: Invocation<ScopedContext<Config, S>>,
  ): Promise<NoInfer<z.output<Output>>>
}

/** What an entry point knows of a request, beside the input. */
export interface OperationEnvironment {
  readonly context: PluginContext
  readonly call: Call
}

/** A typed unit of work. Two entries: `call` with domain values in process, `invoke` with wire values at the edge. */
export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly service: string
  readonly description?: string
  readonly input: Input
  readonly output: Output
  readonly http?: HttpDeclaration<z.input<Output>>
  readonly scope: Scope
  /** What all concerns declare, merged. */
  readonly declares: Declaration
  /** @throws {MmfError} what the concerns and the body throw */
  call(input: z.output<Input>, environment: OperationEnvironment): Promise<z.output<Output>>
  /** Decodes, runs, encodes. @throws {MmfError} `validation_failed` before anything ran */
  invoke(wire: unknown, environment: OperationEnvironment): Promise<z.input<Output>>
}

// biome-ignore lint/suspicious/noExplicitAny: a bound for collections of operations of any type.
export type AnyOperation = Operation<any, any>

function invocationOf({ context, call: asked }: OperationEnvironment, operation: AboutOperation): Invocation {
  const { logger, ...rest } = callWithin(context, asked)
  const { name: plugin } = context.plugin
  const { service, name } = operation
  const about = { plugin, service, operation: `${service}.${name}` }
  const call = { ...rest, logger: logger.child(about, `plugins.${plugin}.${service}`) }
  const labels = new Map<string, string>()
  const label = (name: string, value: string) => void labels.set(name, value)
  return { context, config: context.config, call, operation, labels, label }
}

function callWithin({ plugin }: PluginContext, call: Call): Call {
  return call.principal === undefined ? call : { ...call, principal: withGrants(call.principal, plugin.roles) }
}

function compose<Input, Output>(
  concerns: readonly Concern<Input, Output>[],
  run: Method<Input, Output>,
): Method<Input, Output> {
  return concerns.reduceRight((next, wrap) => wrap(next), run)
}

/** The declarations of all concerns as one. What they publish adds up. */
function merged(concerns: readonly { readonly declares?: Declaration }[]): Declaration {
  const publishes = concerns.flatMap(({ declares }) => declares?.publishes ?? [])
  const all: Declaration = Object.assign({}, ...concerns.map(({ declares }) => declares))
  return publishes.length === 0 ? all : { ...all, publishes }
}

/** What the author declared, and what the concerns need beside it. */
function withNeeds(scope: Scope, { publishes = [], rateLimit }: Declaration): Scope {
  if (publishes.length === 0 && rateLimit === undefined) return scope
  const events = [...(scope.events ?? []), ...publishes.map(event => ({ event, access: 'publish' as const }))]
  return { ...scope, events, ...(rateLimit === undefined ? {} : { rateLimits: true as const }) }
}

/**
 * Opens the scope of a service: `serviceScope<Config>()('document_signer', { tables: […], keys: […] })` gives the `operation`
 * function of that service, whose context type holds exactly what the scope declares.
 */
export function serviceScope<Config>() {
  return <const Name extends string, const S extends Scope>(service: Name, scope: S) =>
    <Input extends z.ZodType, Output extends z.ZodType>(
      definition: OperationDefinition<Config, S, Input, Output>,
    ): Operation<Input, Output> => {
      checkOperation(service, definition)
      type In = z.output<Input>
      type Out = z.output<Output>
      // Sound because contexts are made from the same scope: the plugin's context factory cuts each service's view to it.
      const run = definition.run.bind(definition) as unknown as Method<In, Out>
      const method = compose<In, Out>(definition.concerns, run)
      const declares = merged(definition.concerns)
      const { name, input, output, http, description } = definition
      if (definition.concerns.filter(({ declares: d }) => d?.auth !== undefined).length > 1) {
        // One would decide in process and another over HTTP.
        throw new MmfError('declaration_invalid', {
          detail: `${service}.${name}: more than one concern says who may call`,
        })
      }
      checkConcerns({
        service,
        name,
        http,
        scope,
        declares,
        concerns: definition.concerns,
        takesNothing: () => takesNothing(input),
      })
      const about = { service, name, input, output, repeatable: repeatable({ http, scope, declares }) }
      return {
        name,
        service,
        input,
        output,
        scope: withNeeds(scope, declares),
        declares,
        ...defined({ http, description }),
        async call(value, environment) {
          return method(value, invocationOf(environment, about))
        },
        async invoke(wire, environment) {
          const decoded = z.safeDecode(input, wire as z.input<Input>, ownWords)
          if (!decoded.success) throw schemaViolation(decoded.error)
          const result = await method(decoded.data as In, invocationOf(environment, about))
          const encoded = z.safeEncode(output, result)
          if (!encoded.success) {
            throw new MmfError('internal_error', {
              detail: `${service}.${name} answered outside its schema`,
              cause: encoded.error,
            })
          }
          return encoded.data as z.input<Output>
        },
      }
    }
}

/** What is no schema, or cannot be asked without waiting, is refused elsewhere, or by its first run. */
function takesNothing(input: z.ZodType): boolean {
  try {
    return z.safeDecode(input, {}).success
  } catch {
    return true
  }
}
