import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { type ClientOptions, clientOptions } from './client-options.ts'

export const eventbridge = (options: ClientOptions = clientOptions) => ({
  client: new EventBridgeClient(options),
  commands: { PutEventsCommand },
})
