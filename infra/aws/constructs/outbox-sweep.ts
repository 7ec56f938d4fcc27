import { Duration } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'

export interface OutboxSweepProps {
  readonly sweeper: LambdaFunction
}

/** Calls the sweeper each minute. A call that fails is not repeated: the next one comes anyway, and finds what this one left. */
export class OutboxSweep extends Construct {
  constructor(scope: Construct, id: string, { sweeper }: OutboxSweepProps) {
    super(scope, id)
    const target = new LambdaTarget(sweeper, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'Schedule', { schedule: Schedule.rate(Duration.minutes(1)), targets: [target] })
    sweeper.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
  }
}
