import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { ScheduledOperation } from '../derive/schedules.ts'

export interface SchedulesProps {
  readonly handler: LambdaFunction
  readonly schedules: readonly ScheduledOperation[]
  readonly deadLetters: Queue
}

/** The times at which a function is invoked to run its operations. What could not be delivered is not repeated, since the next time comes anyway; it is noted in the dead-letter queue. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { handler, schedules, deadLetters }: SchedulesProps) {
    super(scope, id)
    for (const { operation, everyMinutes } of schedules) {
      const event = RuleTargetInput.fromObject({ mmf: 'schedule', operation })
      const target = new LambdaTarget(handler, {
        event,
        deadLetterQueue: deadLetters,
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      })
      new Rule(this, operation, { schedule: Schedule.rate(Duration.minutes(everyMinutes)), targets: [target] })
    }
  }
}
