import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

/**
 * A queue for what could not be delivered: kept as long as SQS keeps anything, encrypted, reachable over TLS only. A consumer of a message has six
 * times as long as a function runs at most (Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings").
 */
export function deadLetters(scope: Construct, id: string, queueName: string): Queue {
  return new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    visibilityTimeout: Duration.minutes(4),
  })
}
