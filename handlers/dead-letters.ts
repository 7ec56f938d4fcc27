import { createDeadLetterFiling } from '@mmf/framework/aws'
import { atFirstEvent } from './at-first-event.ts'
import { dynamodb } from './clients/dynamodb.ts'

/** Files what lies in the dead-letter queues, so that it can be listed, replayed or discarded. */
export const handler = atFirstEvent(() => createDeadLetterFiling({ dynamodb: dynamodb(), env: process.env }))
