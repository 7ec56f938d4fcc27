import { MmfError } from '../errors/mmf-error.ts'
import type { Redeliver } from '../events/dead-letters.ts'
import { serviceOf } from './dead-letter-message.ts'
import type { LambdaTransportOptions } from './lambda-transport.ts'

export interface LambdaRedeliveryOptions extends Pick<LambdaTransportOptions, 'lambda'> {
  /** Physical function names by service, as the service stack writes them. */
  readonly subscribers: Readonly<Record<string, string>>
}

/** Lambda only takes the event: that needs no longer, whatever the function does with it. */
const acceptMs = 10_000

/**
 * Hands an event to the function of a service as EventBridge would: asynchronously, with the attempts and the dead-letter queue of that function. Lambda
 * keeps it once it has answered.
 */
export function createLambdaRedelivery({ lambda, subscribers }: LambdaRedeliveryOptions): Redeliver {
  return async (subscriber, event) => {
    const FunctionName = subscribers[serviceOf(subscriber)]
    if (FunctionName === undefined) {
      throw new MmfError('service_unavailable', { detail: `the deployment names no function for ${subscriber}` })
    }
    const Payload = Buffer.from(JSON.stringify({ 'detail-type': event.type, source: event.source, detail: event }))
    const command = new lambda.commands.InvokeCommand({ FunctionName, InvocationType: 'Event', Payload })
    const within = { abortSignal: AbortSignal.timeout(acceptMs) }
    const { StatusCode } = await lambda.client.send(command, within).catch((cause: unknown) => {
      throw new MmfError('service_unavailable', { detail: subscriber, cause })
    })
    // Anything else than "accepted" is no promise (Lambda API reference, Invoke).
    if (StatusCode !== 202)
      throw new MmfError('service_unavailable', { detail: `${subscriber}: answered ${StatusCode}` })
  }
}
