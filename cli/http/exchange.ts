import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Exchange {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

export interface Exchanged {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One request and its answer, on a connection of its own. Unlike `fetch` it sends the `host` that it is given. Redirects are answers. */
export async function exchange(url: string, { body, ...options }: Exchange): Promise<Exchanged> {
  const target = new URL(url)
  const sent = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, { ...options, agent: false })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
  const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
  return { status: answer.statusCode ?? 0, headers: new Headers(headers), text: await text(answer) }
}
