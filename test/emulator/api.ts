import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { defined } from '@mmf/framework'

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the suite reads members of answers that it has just asked for
  readonly body: any
}

interface Sent {
  readonly token?: string | undefined
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** A deployed API: the emulator answers for it under its host, on its own address. */
export type Api = (method: string, path: string, sent?: Sent) => Promise<Answer>

/** The API behind the output `ApiUrl` of a deployment. */
export function apiAt(endpoint: string, apiUrl: string): Api {
  // The first label is the id of the API; behind it stands the domain of the region, which the emulator has not.
  const host = `${new URL(apiUrl).hostname.split('.')[0]}.execute-api.localhost`
  return async (method, path, { token, body, headers = {} } = {}) => {
    const sent = request(`${endpoint}${path}`, {
      method,
      headers: {
        host,
        ...defined({
          authorization: token === undefined ? undefined : `Bearer ${token}`,
          'content-type': body === undefined ? undefined : 'application/json',
        }),
        ...headers,
      },
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve)
      sent.on('error', reject)
    })
    const content = await text(response)
    const isJson = /json/.test(response.headers['content-type'] ?? '')
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: content,
      body: isJson ? JSON.parse(content) : undefined,
    }
  }
}
