import { createOutboxRelay } from '@mmf/framework/aws'
import { atFirstEvent } from './at-first-event.ts'
import { dynamodb } from './clients/dynamodb.ts'
import { eventbridge } from './clients/eventbridge.ts'

/** Publishes what the outbox's stream says was committed. A batch that fails is delivered again by Lambda. */
export const handler = atFirstEvent(() =>
  createOutboxRelay({ dynamodb: dynamodb(), eventbridge: eventbridge(), env: process.env }),
)
