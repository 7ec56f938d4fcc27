import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { createApiClient } from './api-client.ts'

let url: string
let last: IncomingMessage
let body: string
const server = createServer(async (request, response) => {
  last = request
  body = await text(request)
  if (request.url === '/moved') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
})
before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

test('an API is reached at one address under the host of another', async () => {
  const client = createApiClient({ url: `${url}/`, token: 't', host: 'abc.execute-api.localhost' })
  assert.deepEqual(await client.json('POST', '/v1/x', { name: 'é' }), { ok: true })
  assert.deepEqual([last.headers.host, last.headers.authorization], ['abc.execute-api.localhost', 'Bearer t'])
  assert.equal(body, '{"name":"é"}')
  await createApiClient({ url, token: undefined }).json('GET', '/v1/x')
  assert.equal(last.headers.host, new URL(url).host)
  assert.equal(last.headers.authorization, undefined)
})

test('a redirect is refused: a token goes to no other host', async () => {
  const client = createApiClient({ url, token: 't' })
  await assert.rejects(client.request('GET', '/moved'), { name: 'Failure', code: 'answer_unexpected' })
})
