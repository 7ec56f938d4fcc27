import { Duration } from 'aws-cdk-lib'
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Subscription } from '../derive/subscriptions.ts'
import { deadLetters } from './dead-letters.ts'

export interface SubscriptionsProps {
  readonly name: string
  readonly bus: EventBus
  readonly handler: LambdaFunction
  readonly subscriptions: readonly Subscription[]
}

/** Lambda tries an asynchronous call at most twice again. */
const maxRetries = 2

/**
 * The events that a function is called with. What EventBridge cannot deliver and what the function fails on end in the same queue: a rule's own
 * dead-letter queue does not get the function's errors.
 */
export class Subscriptions extends Construct {
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { name, bus, handler, subscriptions }: SubscriptionsProps) {
    super(scope, id)
    const deadLetterQueue = deadLetters(this, 'DeadLetters', `${name}-dead-letters`)
    this.deadLetters = deadLetterQueue
    for (const { type, retries } of subscriptions) {
      const target = new LambdaTarget(handler, {
        deadLetterQueue,
        retryAttempts: retries,
        maxEventAge: Duration.hours(24),
      })
      new Rule(this, type, { eventBus: bus, eventPattern: { detailType: [type] }, targets: [target] })
    }
    handler.configureAsyncInvoke({
      retryAttempts: Math.min(maxRetries, ...subscriptions.map(s => s.retries)),
      onFailure: new SqsDestination(deadLetterQueue),
    })
  }
}
