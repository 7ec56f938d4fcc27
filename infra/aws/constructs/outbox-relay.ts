import { Duration } from 'aws-cdk-lib'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { FilterCriteria, FilterRule, type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { deadLetters } from './dead-letters.ts'
import type { PlatformTable } from './platform-table.ts'

export interface OutboxRelayProps {
  readonly name: string
  readonly outbox: PlatformTable
  readonly relay: LambdaFunction
}

/** Calls the relay with each new row of the outbox. What it cannot deliver after all tries is named in a queue; the row stays in the outbox. */
export class OutboxRelay extends Construct {
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { name, outbox, relay }: OutboxRelayProps) {
    super(scope, id)
    this.deadLetters = deadLetters(this, 'DeadLetters', `${name}-dead-letters`)
    relay.addEventSourceMapping('Outbox', {
      eventSourceArn: outbox.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      retryAttempts: 10,
      maxRecordAge: Duration.hours(23),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
      onFailure: new SqsDlq(this.deadLetters),
    })
  }
}

/** Publishing on the bus of the deployment. */
export function publishStatement(bus: EventBus): PolicyStatement {
  return new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] })
}

/** What the relay's function needs beside the outbox itself. */
export function relayStatements(outbox: PlatformTable, bus: EventBus): PolicyStatement[] {
  return [
    publishStatement(bus),
    new PolicyStatement({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [outbox.streamArn],
    }),
    // Lambda asks for it when it attaches a stream; the action knows no resource.
    new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
  ]
}
