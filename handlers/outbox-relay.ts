import { createOutboxRelay } from '@mmf/framework/aws'
import { dynamodb } from './clients/dynamodb.ts'
import { eventbridge } from './clients/eventbridge.ts'

type Relay = Awaited<ReturnType<typeof createOutboxRelay>>

/** Built at the first batch. A boot that fails fails the batch, which Lambda delivers again. */
let relay: Promise<Relay> | undefined

/** Publishes what the outbox's stream says was committed. */
export const handler: Relay = async event => {
  relay ??= createOutboxRelay({ dynamodb: dynamodb(), eventbridge: eventbridge(), env: process.env }).catch(error => {
    relay = undefined
    throw error
  })
  return (await relay)(event)
}
