import { unlessAborted } from '../../clock/unless-aborted.ts'
import type { Principal } from '../../contract/call.ts'
import { additionOf, type GatewayRequest, type GatewayStage, type GatewayStep } from '../../contract/gateway-step.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { Exchange } from '../exchange.ts'
import type { HttpEvent } from '../lambda-types.ts'
import type { HandlerDefinition, HttpPlatform } from '../platform.ts'
import { asMmfError } from '../problem.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Counts hooks of gateway steps that threw, by plugin, step and hook. */
const stepErrors = 'mmf_gateway_step_errors_total'

const defaultPriority = 100

/** Credentials, and what gateways write about client certificates. */
const credentials =
  /^(?:authorization|proxy-authorization|cookie|x-api-key|x-amz-.*|x-client-.*|x-forwarded-client-cert)$/

/** The steps that a function's plugin adds at a stage, in their order. The platform's own routes have none. */
export function gatewaySteps(
  stage: GatewayStage,
  definition: HandlerDefinition,
  platform: HttpPlatform,
): readonly HttpMiddleware[] {
  if ('platformOf' in definition) return []
  const { name, gateway = [] } = definition.plugin
  return gateway
    .filter(step => step.stage === stage)
    .toSorted((a, b) => (a.priority ?? defaultPriority) - (b.priority ?? defaultPriority))
    .map(step => gatewayStep(name, step, platform))
}

type Hook = 'before' | 'after' | 'onError'

/**
 * One step of a plugin, behind a border: it sees a frozen copy without credentials, its return value never becomes an answer, and what it throws
 * concerns the one request. The refusal is only for steps that the request has passed.
 */
function gatewayStep(plugin: string, step: GatewayStep, platform: HttpPlatform): HttpMiddleware {
  const passed = new WeakSet<Exchange>()

  /** @throws {MmfError} `gateway_step_failed`, `deadline_exceeded`; from `before` what refuses the request */
  async function run(hook: Hook, exchange: Exchange, work: () => unknown): Promise<unknown> {
    try {
      return await unlessAborted((async () => work())(), exchange.signal)
    } catch (thrown) {
      if (hook === 'before' && isRefusal(thrown)) throw thrown
      platform.observability.metrics.count(stepErrors, { plugin, step: step.name, hook })
      exchange.logger.error('a gateway step failed', { plugin, gatewayStep: step.name, hook, error: thrown })
      if (exchange.signal.aborted) throw new MmfError('deadline_exceeded', { cause: thrown })
      throw new MmfError('gateway_step_failed', {
        detail: `${plugin}.${step.name}`,
        members: { plugin, step: step.name },
        cause: thrown,
      })
    }
  }

  /** Later steps do not take back what earlier ones added. */
  function add(exchange: Exchange, returned: unknown): void {
    exchange.addedHeaders = { ...additionOf(returned), ...exchange.addedHeaders }
  }

  return {
    async before({ event, context }) {
      const exchange = exchangeOf({ context })
      await run('before', exchange, async () => {
        const returned: unknown = await step.before?.(viewOf(event, exchange, step))
        if (returned !== undefined) throw new TypeError('before returns nothing: a step answers no request')
      })
      passed.add(exchange)
    },
    async after({ event, context, response }) {
      const exchange = exchangeOf({ context })
      passed.delete(exchange)
      const answer = Object.freeze({ status: response?.statusCode ?? 200 })
      await run('after', exchange, async () => add(exchange, await step.after?.(viewOf(event, exchange, step), answer)))
      passed.add(exchange)
    },
    async onError({ event, context, error }) {
      const exchange = exchangeOf({ context })
      if (!passed.has(exchange)) return
      const { code, entry } = asMmfError(error)
      const refusal = Object.freeze({ status: entry.status, code })
      const told = async () => add(exchange, await step.onError?.(viewOf(event, exchange, step), refusal))
      // It was logged and counted; the refusal stays what it is.
      await run('onError', exchange, told).catch(() => {})
    },
  }
}

/** What a step refuses on purpose. A status of 5xx is no decision about a request. */
const isRefusal = (thrown: unknown): boolean =>
  isMmfError(thrown) && thrown.entry.expose && thrown.entry.status >= 400 && thrown.entry.status < 500

function viewOf(event: HttpEvent, exchange: Exchange, { name, stage }: GatewayStep): GatewayRequest {
  const { operation, context, correlationId, signal, principal, logger } = exchange
  if (operation === undefined || context === undefined) throw new TypeError('route must come before gateway steps')
  const { service } = operation
  const known = stage === 'after_authentication' && principal !== undefined
  return Object.freeze({
    method: event.requestContext.http.method,
    path: event.rawPath,
    route: operation.http?.path ?? event.rawPath,
    service,
    operation: operation.name,
    headers: Object.freeze(
      Object.fromEntries(Object.entries(event.headers).filter(([header]) => !credentials.test(header.toLowerCase()))),
    ),
    query: Object.freeze({ ...event.queryStringParameters }),
    sourceIp: event.requestContext.http.sourceIp,
    correlationId,
    ...(known ? { principal: frozen(principal) } : {}),
    config: context.config,
    logger: logger.child({ gatewayStep: name }, `plugins.${context.plugin.name}.${service}`),
    signal,
  })
}

const frozen = (principal: Principal): Principal =>
  Object.freeze({
    ...principal,
    roles: Object.freeze([...principal.roles]),
    permissions: Object.freeze([...principal.permissions]),
  })
