import type * as z from 'zod'
import type { Call } from './call.ts'
import type { Callee } from './scope.ts'

interface CallOptions {
  /**
   * In whose name the call is made. `caller`, the default: the principal of this call. `service`: this plugin itself, with the roles and permissions
   * that `service_accounts.<plugin>` in the configuration of the platform gives it; none by default.
   */
  readonly as?: 'caller' | 'service' | undefined
}

/** Calls to other services, by reference to their operations. `Callable` are those the scope declares with `calls`. */
export interface Services<Callable extends Callee = Callee> {
  /**
   * Runs the operation with its own concerns, for the same principal unless `as` says otherwise: in this process where the callee touches nothing that this
   * service may not touch, else in the callee's own function.
   * @throws {MmfError} `access_undeclared`; `service_unavailable` when the other function does not answer; what the operation throws
   */
  call<O extends Callable>(
    operation: O,
    input: z.output<O['input']>,
    call: Call,
    options?: CallOptions,
  ): Promise<z.output<O['output']>>
}
