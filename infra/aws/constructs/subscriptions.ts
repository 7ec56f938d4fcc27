import { Duration } from 'aws-cdk-lib'
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { pascal } from '../derive/names.ts'
import type { Subscription } from '../derive/subscriptions.ts'

export interface SubscriptionsProps {
  readonly bus: EventBus
  readonly handler: LambdaFunction
  /** Longest run of the handler. */
  readonly timeout: Duration
  readonly subscriptions: readonly Subscription[]
  readonly deadLetters: Queue
}

/** Kept for so long while no function takes it: less than a dead letter, whose time counts from here too. */
const retentionPeriod = Duration.days(4)

/**
 * The events that a function is called with, each type through a queue of its own: the queue delivers as often as that type's handlers declare, which
 * Lambda's own retries of asynchronous calls (two at most, the same for all) cannot. What EventBridge cannot put into it, and what was delivered in vain,
 * ends in the dead-letter queue of the service.
 *
 * One message per call: a handler has the whole time of the function, and a failure delivers no other event again.
 */
export class Subscriptions extends Construct {
  constructor(scope: Construct, id: string, props: SubscriptionsProps) {
    super(scope, id)
    const { bus, handler, timeout, deadLetters } = props
    for (const { type, retries } of props.subscriptions) {
      const queue = new Queue(this, `${pascal(type)}Queue`, {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod,
        // Six times the time of the function (Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings").
        visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
        deadLetterQueue: { queue: deadLetters, maxReceiveCount: retries + 1 },
      })
      const target = new SqsQueue(queue, { deadLetterQueue: deadLetters, maxEventAge: Duration.hours(24) })
      new Rule(this, type, { eventBus: bus, eventPattern: { detailType: [type] }, targets: [target] })
      handler.addEventSource(new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true }))
    }
  }
}
