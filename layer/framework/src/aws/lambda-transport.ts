import type { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { ServiceReply, ServiceTransport } from '../contract/service-call.ts'
import { MmfError } from '../errors/mmf-error.ts'

export interface LambdaTransportOptions {
  readonly lambda: {
    readonly client: Pick<LambdaClient, 'send'>
    readonly commands: { readonly InvokeCommand: typeof InvokeCommand }
  }
  /** Physical function names by `<plugin>.<service>`, as the service stack writes them. */
  readonly functions: Readonly<Record<string, string>>
}

/**
 * Calls between services as Lambda Invoke of the same operation.
 * @throws {MmfError} `service_unavailable` when there is no such function, it cannot be reached, or it failed outside its own errors
 */
export function createLambdaTransport(options: LambdaTransportOptions): ServiceTransport {
  return async (call, { signal }) =>
    (await invokeService(options, `${call.plugin}.${call.service}`, call, signal)) as ServiceReply
}

/**
 * Hands a function of this deployment an event and waits for its answer.
 * @param service `<plugin>.<service>`
 * @throws {MmfError} `service_unavailable` when there is no such function, it cannot be reached, or it failed outside its own errors
 */
export async function invokeService(
  { lambda, functions }: LambdaTransportOptions,
  service: string,
  event: object,
  signal: AbortSignal,
): Promise<unknown> {
  const FunctionName = functions[service]
  if (FunctionName === undefined) {
    throw new MmfError('service_unavailable', { detail: `the deployment names no function for ${service}` })
  }
  const command = new lambda.commands.InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) })
  const answer = await lambda.client.send(command, { abortSignal: signal }).catch((cause: unknown) => {
    throw new MmfError('service_unavailable', { detail: service, cause })
  })
  const text = Buffer.from(answer.Payload ?? []).toString('utf8')
  if (answer.FunctionError !== undefined) {
    throw new MmfError('service_unavailable', {
      detail: `${service}: ${answer.FunctionError}`,
      cause: text.slice(0, 1000),
    })
  }
  return JSON.parse(text)
}
