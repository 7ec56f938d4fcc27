import { createOutboxSweeper } from '@mmf/framework/aws'
import { atFirstEvent } from './at-first-event.ts'
import { dynamodb } from './clients/dynamodb.ts'
import { eventbridge } from './clients/eventbridge.ts'

/** Called each minute: publishes what a stalled stream left in the outbox. */
export const handler = atFirstEvent(() =>
  createOutboxSweeper({ dynamodb: dynamodb(), eventbridge: eventbridge(), env: process.env }),
)
