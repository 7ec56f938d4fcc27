import { matchesEventType } from '../../events/event-type.ts'
import type { AnyOperation } from '../operation/operation.ts'

/** Whether an operation subscribes to a CloudEvents type. It may leave out the plugin, the version, or both. */
export function handlesEvent(operation: AnyOperation, type: string): boolean {
  const wanted = operation.declares.event?.eventType
  return wanted !== undefined && matchesEventType(wanted, type)
}
