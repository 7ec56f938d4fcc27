import type { RemoteServices } from '../contract/remote-service.ts'
import type { ServiceTransport } from '../contract/service-call.ts'
import type { DatabaseAdapter } from '../database/database.ts'
import type { Egress, EgressResponse } from '../egress/egress.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { KeyService } from '../keys/key-service.ts'
import type { BulkheadOptions, CircuitBreakerOptions } from './options.ts'
import type { Resilience } from './resilience.ts'

/**
 * The circuits of the ports. They open when at least half of at least ten calls fail: a throttled call or two among many never stops the rest. What is
 * ours is tried again soon, what belongs to others later.
 */
const portCircuits = {
  database: { failureRate: 0.5, minimumCalls: 10, windowSeconds: 10, openSeconds: 5 },
  keys: { failureRate: 0.5, minimumCalls: 10, windowSeconds: 10, openSeconds: 5 },
  calls: { failureRate: 0.5, minimumCalls: 10, windowSeconds: 10, openSeconds: 5 },
  egress: { failureRate: 0.5, minimumCalls: 10, windowSeconds: 60, openSeconds: 30 },
} as const satisfies Record<string, CircuitBreakerOptions>

/** Requests to one server at once; a server that is slow holds up those who wait for it, and no one else. */
const perServer: BulkheadOptions = { maxConcurrent: 15, maxWaiting: 200, maxWaitMs: 20_000 }

type Guard = <T>(work: () => Promise<T>, about?: { key?: string; signal?: AbortSignal | undefined }) => Promise<T>

/**
 * A circuit around a port. While it is open the port's own `code` is thrown: callers that can bear a port that does not answer can bear this too. Until a first call has failed it does nothing, and loads nothing.
 */
function guard(resilience: Resilience, port: keyof typeof portCircuits, code: ErrorCode): Guard {
  let hasFailed = false
  const policies = { circuitBreaker: { ...portCircuits[port], when: failsWith(code) } }
  const inCircuit: Guard = (work, { key, signal = new AbortController().signal } = {}) =>
    resilience.execute(port, policies, work, { signal, key }).catch((error: unknown) => {
      if (!isMmfError(error, 'circuit_open')) throw error
      throw new MmfError(code, { detail: error.detail, headers: error.headers, cause: error })
    })
  return async (work, about) => {
    if (hasFailed) return inCircuit(work, about)
    try {
      return await work()
    } catch (error) {
      if (!policies.circuitBreaker.when(error)) throw error
      hasFailed = true
      return inCircuit(() => Promise.reject(error), { ...about, signal: undefined })
    }
  }
}

const failsWith = (code: ErrorCode) => (error: unknown) => isMmfError(error, code)

/** The database behind a circuit. The health check asks the database itself. */
export function guardedDatabase(database: DatabaseAdapter, resilience: Resilience): DatabaseAdapter {
  const guarded = guard(resilience, 'database', 'database_unavailable')
  return {
    get: (table, key, options) => guarded(() => database.get(table, key, options), options),
    getMany: (table, keys, options) => guarded(() => database.getMany(table, keys, options), options),
    query: (table, query, options) => guarded(() => database.query(table, query, options), options),
    scan: (table, options) => guarded(() => database.scan(table, options), options),
    write: (write, options) => guarded(() => database.write(write, options), options),
    transaction: (writes, options) => guarded(() => database.transaction(writes, options), options),
    open: tables => database.open(tables),
    ping: () => database.ping(),
    close: () => database.close(),
  }
}

/** Signing behind a circuit. Verifying asks no key service. */
export function guardedKeys(keys: KeyService, resilience: Resilience): KeyService {
  const guarded = guard(resilience, 'keys', 'key_service_unavailable')
  const sign: KeyService['sign'] = (key, algorithm, input, options) =>
    guarded(() => keys.sign(key, algorithm, input, options), options)
  return { ...keys, sign }
}

/** Calls to other functions, a circuit for each of them. */
export function guardedTransport(transport: ServiceTransport, resilience: Resilience): ServiceTransport {
  const guarded = guard(resilience, 'calls', 'service_unavailable')
  return (call, options) =>
    guarded(() => transport(call, options), { ...options, key: `${call.plugin}.${call.service}` })
}

/** An answer that says that the server fails. It is given to the caller all the same. */
class FailedAnswer extends Error {
  readonly answer: EgressResponse
  constructor(answer: EgressResponse) {
    super(`the server answered ${answer.status}`)
    this.answer = answer
  }
}

const failures: ReadonlySet<string> = new Set(['egress_failed', 'egress_timeout'])
const egressCircuit: CircuitBreakerOptions = {
  ...portCircuits.egress,
  when: error => error instanceof FailedAnswer || (isMmfError(error) && failures.has(error.code)),
}

/**
 * Requests to servers outside: a circuit for each address without its query, a bulkhead for each server. Not one circuit for a server: certificates of
 * strangers name addresses, and one bad address must not keep away a list of revoked certificates that the same server serves well.
 */
export function guardedEgress(egress: Egress, resilience: Resilience): Egress {
  return {
    async request(url, request = {}) {
      const { signal = new AbortController().signal } = request
      const { origin, address } = keysOf(url)
      const asked = async () => {
        const answer = await egress.request(url, request)
        if (answer.status >= 500 || answer.status === 429) throw new FailedAnswer(answer)
        return answer
      }
      const inTurn = () => resilience.execute('egress_server', { bulkhead: perServer }, asked, { signal, key: origin })
      try {
        return await resilience.execute('egress', { circuitBreaker: egressCircuit }, inTurn, { signal, key: address })
      } catch (error) {
        if (error instanceof FailedAnswer) return error.answer
        if (isMmfError(error, 'circuit_open') || isMmfError(error, 'overloaded')) {
          throw new MmfError('egress_failed', { detail: error.detail, headers: error.headers, cause: error })
        }
        throw error
      }
    },
  }
}

/** What is no address is refused by the egress itself; all of those share their state. */
function keysOf(url: string): { readonly origin: string; readonly address: string } {
  const parsed = URL.parse(url)
  return parsed === null
    ? { origin: '', address: '' }
    : { origin: parsed.origin, address: parsed.origin + parsed.pathname }
}

/** Calls to services of other deployments, a circuit for each of them. */
export function guardedRemotes(remotes: RemoteServices, resilience: Resilience): RemoteServices {
  const guarded = guard(resilience, 'calls', 'service_unavailable')
  return {
    has: remotes.has,
    call: (service, operation, address, call, options) =>
      guarded(() => remotes.call(service, operation, address, call, options), { ...options, key: service }),
  }
}
