import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { type ClientOptions, invokeOptions } from './client-options.ts'

export const lambda = (options: ClientOptions = invokeOptions) => ({
  client: new LambdaClient(options),
  commands: { InvokeCommand },
})
