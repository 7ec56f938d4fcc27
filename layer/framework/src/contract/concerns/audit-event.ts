import * as z from 'zod'
import { defined } from '../../defined.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { defineEvent } from '../../events/events.ts'
import { createSanitizer } from '../../observability/sanitizer.ts'
import { type Concern, concern, type Invocation } from '../operation/concern.ts'
import { checkName } from './check-option.ts'
import { publishEvent } from './publish-event.ts'

export interface AuditEventOptions<Input, Output> {
  /** Name of the event, snake_case. Its type is `<plugin>.<eventType>.v1`. */
  readonly eventType: string
  /** What is done, such as `sign`. */
  readonly action: string
  /** To what, such as `document`. */
  readonly resourceType: string
  /** To which one. Asked before the operation too, then without `output`. */
  readonly resourceId?: (about: { input: Input; output?: Output | undefined }) => string | undefined
  /** Only successes are recorded, afterwards; default false. */
  readonly successOnly?: boolean
  /** Adds the input, secrets redacted by the names of fields, bytes by their length. Default false. */
  readonly includeInput?: boolean
  /** Adds the output, likewise. Default false. */
  readonly includeOutput?: boolean
}

/** The data of an audit event. */
export const auditRecord = z.object({
  action: z.string(),
  resourceType: z.string(),
  resourceId: z.optional(z.string()),
  outcome: z.enum(['started', 'success', 'failure']),
  /** Of a failure, the code of the error. */
  code: z.optional(z.string()),
  operation: z.string(),
  /** The same in `started` and in what follows it. */
  requestId: z.string(),
  subject: z.optional(z.string()),
  issuer: z.optional(z.string()),
  input: z.optional(z.unknown()),
  output: z.optional(z.unknown()),
})

type Outcome = Pick<z.output<typeof auditRecord>, 'outcome' | 'code' | 'output'>

/**
 * Leaves a record of every run as an event: `started` before it, `success` or `failure` after it. What cannot be recorded does not run, and a success that
 * cannot be recorded is not answered; a process that ends in between leaves `started` alone.
 * @throws {MmfError} `concern_invalid` when it is declared; `database_unavailable` when a record cannot be written
 */
export function auditEvent<Input, Output>(options: AuditEventOptions<Input, Output>): Concern<Input, Output> {
  const { eventType, action, resourceType, resourceId, successOnly = false, includeInput = false } = options
  for (const option of ['eventType', 'action', 'resourceType'] as const) {
    checkName('auditEvent', option, options[option])
  }
  const event = defineEvent({ name: eventType, version: 1, data: auditRecord })
  const sanitizer = createSanitizer()
  const shown = (value: unknown) => sanitizer.record({ value })['value']

  const write = (invocation: Invocation, input: Input, outcome: Outcome, output?: Output) => {
    const { context, call, operation } = invocation
    const id = resourceId?.({ input, output })
    const record = () => ({
      action,
      resourceType,
      ...outcome,
      operation: `${context.plugin.name}.${operation?.service ?? ''}.${operation?.name ?? 'method'}`,
      requestId: call.requestId,
      ...defined({ resourceId: id, subject: call.principal?.subject, issuer: call.principal?.issuer }),
      ...(includeInput ? { input: shown(input) } : {}),
    })
    return publishEvent(event, record, invocation, id)
  }

  const declares = { audit: { action, resourceType }, publishes: [event] }
  return concern(declares, async (next, input, invocation) => {
    if (!successOnly) await write(invocation, input, { outcome: 'started' })
    let output: Output
    try {
      output = await next(input, invocation)
    } catch (error) {
      const code = isMmfError(error) ? error.code : 'internal_error'
      if (!successOnly) {
        // The error of the operation stands. `started` is there, and that nothing follows it is in the log.
        await write(invocation, input, { outcome: 'failure', code }).catch((failure: unknown) =>
          invocation.call.logger.error('the audit record of a failure was not written', { error: failure }),
        )
      }
      throw error
    }
    const success = { outcome: 'success', ...(options.includeOutput ? { output: shown(output) } : {}) } as const
    await write(invocation, input, success, output)
    return output
  })
}
