import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { clientOptions } from './client-options.ts'

export const eventbridge = () => ({ client: new EventBridgeClient(clientOptions), commands: { PutEventsCommand } })
