import type { TestContext } from 'node:test'
import { pluginConfig } from '../../config/plugin-config.ts'
import { outboxTable } from '../../events/outbox/outbox.ts'
import { tokenAuthenticator } from '../../http/authentication/token-authenticator.ts'
import { createFunctionHandler } from '../../http/create-function-handler.ts'
import type { HttpEvent } from '../../http/lambda-types.ts'
import { createIdempotency } from '../../idempotency/idempotency.ts'
import { createTestPlatform } from '../../testing/create-test-platform.ts'
import type { RoleDefinition } from '../access.ts'
import { definePlugin } from '../define-plugin.ts'
import type { Service } from '../service.ts'

/** Lambda's context for a call that has a minute. */
const lambda = { awsRequestId: 'r-1', functionName: 'toy', getRemainingTimeInMillis: () => 60_000 } as never

/** A plugin of these services behind the real HTTP stack, over a platform for tests. The token is the name of the principal, then its roles. */
export async function toyOf(t: TestContext, services: readonly Service[], roles: readonly RoleDefinition[] = []) {
  const plugin = definePlugin({
    name: 'toy',
    title: 'Toy',
    version: '1.0.0',
    description: 'Toys',
    metricPrefix: 'toy',
    config: pluginConfig({}),
    roles,
    services,
  })
  const platform = await createTestPlatform({ plugins: [plugin] })
  t.after(() => platform.close())
  const http = {
    ...platform,
    idempotency: createIdempotency(platform),
    pluginSettings: { enabled: true, start_timeout_seconds: 30, stop_timeout_seconds: 10, health_timeout_seconds: 5 },
    maxBodyBytes: 10_000,
    authenticators: [
      tokenAuthenticator({
        async verify(token: string) {
          const [subject = '', ...held] = token.split('.')
          return { subject, roles: held, permissions: [], method: 'jwt' as const }
        },
      }),
    ],
  }
  const handler = createFunctionHandler(
    { plugin, services: services.map(({ name }) => name) },
    async () => http as never,
  )
  const ask = async (
    route: string,
    options: { body?: object; token?: string; headers?: Record<string, string> } = {},
  ) => {
    const { statusCode, headers = {}, body = '' } = await handler(httpEvent(route, options), lambda)
    return { status: statusCode, headers, json: body === '' ? undefined : JSON.parse(body) }
  }
  /** What waits in the outbox, in the order in which it was written. */
  const events = async () => {
    const queues = Array.from({ length: 8 }, (_, n) => ({ index: 'pending', partition: `pending-${n}` }) as const)
    const pages = await Promise.all(queues.map(queue => platform.database.query(outboxTable, queue)))
    const rows = pages.flatMap(({ rows }) => rows).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    return rows.map(row => JSON.parse(row.event))
  }
  /** As the relay does it. */
  const deliver = (event: object & { type: string }) =>
    handler({ 'detail-type': event.type, source: 'toy', detail: event } as never, lambda)
  return { plugin, platform, ask, events, deliver, counts: platform.observability.counts }
}

function httpEvent(
  route: string,
  { body, token, headers }: { body?: object; token?: string; headers?: object },
): HttpEvent {
  const [method = '', target = ''] = route.split(' ')
  const [path = '', query = ''] = target.split('?')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    requestContext: {
      requestId: 'q-1',
      stage: path.startsWith('/stage/') ? 'stage' : '$default',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  } as never
}
