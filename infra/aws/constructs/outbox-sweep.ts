import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export interface OutboxSweepProps {
  readonly sweeper: LambdaFunction
  readonly deadLetters: Queue
}

/** Calls the sweeper each minute. A call that fails is not repeated: the next one comes anyway, and finds what this one left. */
export class OutboxSweep extends Construct {
  constructor(scope: Construct, id: string, { sweeper, deadLetters }: OutboxSweepProps) {
    super(scope, id)
    const event = RuleTargetInput.fromObject({ mmf: 'schedule', operation: 'platform.sweep_outbox' })
    const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1) }
    const target = new LambdaTarget(sweeper, { ...once, event, deadLetterQueue: deadLetters })
    new Rule(this, 'Schedule', { schedule: Schedule.rate(Duration.minutes(1)), targets: [target] })
    sweeper.configureAsyncInvoke({ ...once, onFailure: new SqsDestination(deadLetters) })
  }
}
