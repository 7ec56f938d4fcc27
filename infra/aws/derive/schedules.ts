import type { Service } from '@mmf/framework'

/** An operation that its function is invoked to run at regular times. */
export interface ScheduledOperation {
  /** `<service>.<operation>` */
  readonly operation: string
  readonly everyMinutes: number
}

/** The operations of a service that declare a schedule. */
export function schedulesOf(service: Service): readonly ScheduledOperation[] {
  return Object.values(service.operations).flatMap(({ name, declares: { schedule } }) =>
    schedule === undefined ? [] : [{ operation: `${service.name}.${name}`, ...schedule }],
  )
}
