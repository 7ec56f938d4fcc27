import { didYouMean } from '../config/did-you-mean.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Logger } from '../observability/observability.ts'
import type { Principal } from './call.ts'

/** A request as a gateway step sees it: a copy that cannot be changed, without credentials and without the body. */
export interface GatewayRequest<Config = unknown> {
  readonly method: string
  /** Without what stands before the routes. */
  readonly path: string
  /** The route that it matched, such as `/v1/visits/{visitId}`. */
  readonly route: string
  readonly service: string
  readonly operation: string
  /** Names in lower case. `authorization`, `cookie` and what carries client certificates are left out. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | undefined>>
  readonly sourceIp: string
  readonly correlationId: string
  /** Who asks, after authentication only; absent for an anonymous caller. */
  readonly principal?: Principal | undefined
  readonly config: Config
  readonly logger: Logger
  /** Aborts when the time of the request is over. */
  readonly signal: AbortSignal
}

/** What a step may add to an answer: headers that the answer does not have. */
export interface GatewayAddition {
  readonly headers: Readonly<Record<string, string>>
}

const gatewayStages = ['before_authentication', 'after_authentication'] as const
export type GatewayStage = (typeof gatewayStages)[number]

type Added = GatewayAddition | undefined
type MayAdd = Added | void | Promise<Added> | Promise<void>

/**
 * A step of the way of each HTTP request to the routes of its plugin: Middy middleware with a border. It may refuse a request and add headers to an answer; it
 * reads nothing of who asks before that is known, changes nothing, answers nothing, and does not run for calls, events and schedules.
 */
export interface GatewayStep<Config = unknown> {
  /** snake_case; unique in its plugin. */
  readonly name: string
  /** `after_authentication` is after the decision whether the caller may use the route, too. */
  readonly stage: GatewayStage
  /** Lower numbers run earlier within a stage, and later on the way back; default 100. Equal ones in the order of the list. */
  readonly priority?: number
  /** An error of the catalogue with a status of 4xx refuses the request; anything else thrown is `gateway_step_failed`. */
  before?(request: GatewayRequest<Config>): void | Promise<void>
  /** When the operation has answered. What it did is done: anything thrown is `gateway_step_failed`. */
  after?(request: GatewayRequest<Config>, answer: { readonly status: number }): MayAdd
  /** When the request was refused or failed after this step. Anything thrown is logged and counted; the refusal stays. */
  onError?(request: GatewayRequest<Config>, refusal: { readonly status: number; readonly code: string }): MayAdd
}

const hooks = ['before', 'after', 'onError'] as const
const members = ['name', 'stage', 'priority', ...hooks]
const isName = (value: unknown) => typeof value === 'string' && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(value)
const isPriority = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 1000

/** What a step cannot be without. The problem of each member that is wrong; a text of what stands there and what is allowed. */
function problemOf(step: Readonly<Record<string, unknown>>): string | undefined {
  const { name, stage, priority = 100 } = step
  if (!isName(name)) return `name is ${shown(name)}; snake_case is expected`
  if (!gatewayStages.some(known => known === stage)) {
    return `stage is ${shown(stage)}; it must be ${gatewayStages.join(' or ')}`
  }
  if (!isPriority(priority)) return `priority is ${shown(priority)}; it must be a whole number from 0 to 1000`
  const unknown = Object.keys(step).find(member => !members.includes(member))
  if (unknown !== undefined) {
    const near = didYouMean(unknown, members)
    return `${unknown}: unknown member${near === undefined ? '' : `; did you mean "${near}"?`}`
  }
  const wrong = hooks.find(hook => step[hook] !== undefined && typeof step[hook] !== 'function')
  if (wrong !== undefined) return `${wrong} is ${shown(step[wrong])}; it must be a function`
  return hooks.some(hook => step[hook] !== undefined) ? undefined : `it has none of ${hooks.join(', ')}`
}

const shown = (value: unknown): string => (typeof value === 'function' ? 'a function' : String(JSON.stringify(value)))

/** @throws {MmfError} `declaration_invalid`, naming plugin, step and member */
export function checkGateway(plugin: string, steps: unknown): void {
  const refuse = (detail: string): never => {
    throw new MmfError('declaration_invalid', { detail: `${plugin}.gateway${detail}` })
  }
  if (steps === undefined) return
  if (!Array.isArray(steps)) refuse(`: is ${shown(steps)}; it must be a list of steps`)
  const seen = new Set<unknown>()
  for (const [index, step] of Array.from(steps as readonly Record<string, unknown>[]).entries()) {
    if (typeof step !== 'object' || step === null) refuse(`[${index}]: is ${shown(step)}; it must be a step`)
    const problem = problemOf(step)
    if (problem !== undefined) refuse(`[${isName(step['name']) ? step['name'] : index}]: ${problem}`)
    if (seen.has(step['name'])) refuse(`[${step['name']}]: two steps have this name`)
    seen.add(step['name'])
  }
}

/** Connection and body are the platform's to describe, and a cookie would be a second credential. */
const refusedHeaders =
  /^(?:connection|content-.*|date|keep-alive|set-cookie|te|trailer|transfer-encoding|upgrade|www-authenticate)$/

/** What a hook returned, checked. @throws {TypeError} for anything but headers that a step may add */
export function additionOf(returned: unknown): Readonly<Record<string, string>> {
  if (returned === undefined) return {}
  const { headers, ...more } = Object(returned) as { readonly headers?: unknown }
  if (typeof headers !== 'object' || headers === null || Object.keys(more).length > 0) {
    throw new TypeError('a step returns nothing, or { headers }')
  }
  return Object.fromEntries(
    Object.entries(defined(headers as Readonly<Record<string, unknown>>)).map(([name, value]) => {
      const lower = name.toLowerCase()
      if (!/^[a-z0-9-]+$/.test(lower) || refusedHeaders.test(lower)) {
        throw new TypeError(`a step may not add the header ${JSON.stringify(name)}`)
      }
      if (typeof value !== 'string' || !/^[\x20-\x7e]{0,4096}$/.test(value)) {
        throw new TypeError(`the value of the header ${lower} is not up to 4096 characters of printable ASCII`)
      }
      return [lower, value]
    }),
  )
}
