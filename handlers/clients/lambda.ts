import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { clientOptions } from './client-options.ts'

export const lambda = () => ({ client: new LambdaClient(clientOptions), commands: { InvokeCommand } })
