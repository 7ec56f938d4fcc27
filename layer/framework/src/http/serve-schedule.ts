import type { Call } from '../contract/call.ts'
import { principalOfSchedule } from '../contract/own-principals.ts'
import { scheduleFailures } from '../derive/alarms-of.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { BoundOperation } from './bind-operations.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import type { ProcessStack } from './process-stack.ts'
import { timeLeft } from './time-left.ts'

/** What a schedule sends: `operation` is `<service>.<operation>`. */
export interface ScheduleEvent {
  readonly mmf: 'schedule'
  readonly operation: string
}

/**
 * Runs an operation that declares a schedule; no other one can be reached this way. Whether it failed is counted, so that an alarm can ring.
 * @throws {MmfError} `service_unknown`; what the operation throws
 */
export async function serveSchedule(
  { operation: name }: ScheduleEvent,
  context: LambdaContext,
  platform: HttpPlatform,
  bound: readonly BoundOperation[],
  stack: ProcessStack,
): Promise<void> {
  const requestId = context.awsRequestId
  const correlationId = platform.ids.next()
  const logger = platform.observability.logger.child({ correlationId, requestId })
  const principal = principalOfSchedule(name)
  const call: Call = { correlationId, requestId, logger, principal, ...timeLeft(context) }
  const found = bound.find(({ operation }) => `${operation.service}.${operation.name}` === name)
  if (found?.operation.declares.schedule === undefined) throw await unknownSchedule(name, call, platform)
  await stack({ trigger: 'schedule', bound: found, wire: {}, call }, context)
}

/** No operation, so no stack: what it would have counted and logged is done here. */
async function unknownSchedule(name: string, { logger }: Call, { observability }: HttpPlatform): Promise<MmfError> {
  const error = new MmfError('service_unknown', { detail: `${name} has no schedule here` })
  observability.metrics.count(scheduleFailures, { operation: name })
  logger.error('schedule', { operation: name, error })
  await observability.flush()
  return error
}
