import middy from '@middy/core'
import { systemClock } from '@mmf/framework'
import type { HttpEvent } from '@mmf/framework/http'
import { createFunctionHandler } from '@mmf/framework/http'
import { createTestPlatform } from '@mmf/framework/testing'
import { lambdaContext } from '../../infra/local/lambda-context.ts'
import { tokenAuthenticator } from '../../layer/framework/src/http/authentication/token-authenticator.ts'
import { createIdempotency } from '../../layer/framework/src/idempotency/idempotency.ts'
import { createLambdaObservability } from '../../layer/framework/src/observability/lambda-observability.ts'
import { untraced } from '../../layer/framework/src/observability/untraced.ts'
import { echo, echoPlugin } from './echo-plugin.ts'
import { measure, processorTime } from './pki/measure.ts'

// Runs with its standard output thrown away, because a full handler writes a log line and two metrics per call; answers over IPC.

const body = JSON.stringify({ text: 'hello', count: 3, tags: ['a', 'b'] })

const event: HttpEvent = {
  version: '2.0',
  routeKey: 'POST /v1/echo',
  rawPath: '/v1/echo',
  rawQueryString: '',
  headers: { 'content-type': 'application/json', authorization: 'Bearer bench', accept: 'application/json' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'bench.example',
    domainPrefix: 'bench',
    http: { method: 'POST', path: '/v1/echo', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'bench' },
    requestId: 'bench',
    routeKey: 'POST /v1/echo',
    stage: '$default',
    time: '22/Nov/2026:12:00:00 +0000',
    timeEpoch: 1_795_348_800_000,
  },
  body,
  isBase64Encoded: false,
}

const answer = async (given: HttpEvent) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(JSON.parse(given.body ?? '')),
})

async function subjects() {
  const test = await createTestPlatform({ plugins: [echoPlugin] })
  const observability = await createLambdaObservability({
    kind: 'lambda',
    service: 'bench',
    environment: 'production',
    namespace: 'Bench',
    clock: systemClock,
    tracing: false,
  })
  const principal = { subject: 'bench', roles: ['echo'], permissions: [], method: 'jwt' } as const
  const platform = {
    ...test,
    clock: systemClock,
    observability,
    // No signature is checked here: that is cryptography, and measured elsewhere.
    authenticators: [tokenAuthenticator({ verify: async () => principal })],
    idempotency: createIdempotency(test),
    pluginSettings: { enabled: true, start_timeout_seconds: 30, stop_timeout_seconds: 10, health_timeout_seconds: 5 },
    maxBodyBytes: 1_000_000,
    rateLimits: () => ({ callers: {}, requests_per_day: {} }),
  }
  const full = createFunctionHandler({ plugin: echoPlugin, services: ['echo'] }, async () => platform as never)
  const bareMiddy = middy<HttpEvent>().handler(answer)
  const quiet = { ...observability, metrics: { count() {}, duration() {}, gauge() {} }, tracer: untraced, flush() {} }
  const context = { plugin: { name: 'echo', version: '1', metricPrefix: 'echo' }, config: {}, observability: quiet }
  const call = { principal, correlationId: 'c', requestId: 'r', logger: observability.logger }
  const environment = { context, call } as never
  const input = JSON.parse(body)

  const check = await full(event, lambdaContext('bench', 3000))
  if (check.statusCode !== 200 || check.body !== body)
    throw new Error(`the full handler answered ${JSON.stringify(check)}`)
  return [
    { name: 'bare handler', calls: 90_000, run: () => answer(event) },
    { name: 'bare Middy', calls: 15_000, run: () => bareMiddy(event, lambdaContext('bench', 3000) as never) },
    { name: 'operation', calls: 15_000, run: () => echo.invoke(input, environment) },
    { name: 'full handler', calls: 2000, run: () => full(event, lambdaContext('bench', 3000)) },
  ]
}

process.send?.(await measure(await subjects(), Number(process.argv[2] ?? 6000), processorTime))
