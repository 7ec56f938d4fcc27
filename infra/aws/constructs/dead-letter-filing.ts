import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'

/** Calls the filing function with the messages of a dead-letter queue. What it does not file stays in the queue, and is brought again. */
export function fileDeadLetters(filing: LambdaFunction, queue: Queue): void {
  filing.addEventSource(new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }))
}
