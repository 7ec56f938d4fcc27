import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { defined } from '@mmf/framework'
import { catalogue } from '../../../layer/framework/src/errors/catalogue.ts'
import { type Schema, violations } from '../support/schema-violations.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}
interface Route {
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

const megabyte = 'x'.repeat(2 ** 20)
/** As JSON has them. */
const hostile: Readonly<Record<string, string>> = {
  empty: '',
  blank: ' \t',
  'a lone surrogate': 'a\ud800',
  'a lone low surrogate': '\udc00',
  'a null character': 'a\u0000b',
  'one megabyte': megabyte,
}
/** As a URL has them; what cannot be written in UTF-8 is written as its three bytes would be. */
const inUrl = Object.values({ ...hostile, '': 'a%' }).map(text =>
  text === 'a%' ? text : text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80',
)

let marty: TestPlatform
let routes: readonly Route[]
let token: string
before(async () => {
  // Nothing is fetched: these addresses are refused before anything is sent.
  const nowhere = {
    MMF__plugins__marty__pkd_source_url: 'http://127.0.0.1:9/',
    MMF__plugins__marty__master_list_source_url: 'http://127.0.0.1:9/',
  }
  marty = await startPlatform({ env: { ...signingWith('ECDSA-SHA256'), ...nowhere } })
  const { json } = await marty.request('GET', '/openapi.json')
  routes = routesOf(json.paths)
  const roles = ['document_signer', 'auditor', 'trust_administrator', 'pkd_administrator', 'platform_administrator']
  token = marty.token({ subject: 'hostile', roles, permissions: ['sign_documents', 'supply_trust_anchors'] })
})
after(() => marty.stop())

interface Described {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Route['responses']
}

const routesOf = (paths: Readonly<Record<string, Readonly<Record<string, Described>>>>): readonly Route[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema,
      responses,
    })),
  )

/** Something of the right form, so that what is looked at is the one field that is not. */
function sample(schema: Schema): unknown {
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return sample(choice)
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => schema.required?.includes(name))
          .map(([name, property]) => [name, sample(property)]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}))
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    default:
      return sampleText(schema)
  }
}

function sampleText({ format, pattern = '', description }: Schema): string {
  if (format === 'date-time') return '2026-01-01T00:00:00Z'
  if (format === 'uuid') return '01999999-0000-7000-8000-000000000000'
  if (pattern.includes('{64}')) return 'ab'.repeat(32)
  if (pattern.includes('A-Z')) return 'AA'
  return description?.includes('base64') === true ? 'AAAA' : '1'
}

/** Bodies that are a sample but for one string, one for each place where there can be one. */
function* spoilt(schema: Schema, bad: string): Generator<unknown> {
  for (const choice of schema.anyOf ?? schema.oneOf ?? []) yield* spoilt(choice, bad)
  if (schema.type === 'string') yield bad
  if (schema.type === 'array') for (const item of spoilt(schema.items ?? {}, bad)) yield [item]
  if (schema.type !== 'object') return
  const whole = sample(schema) as object
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    for (const value of spoilt(property, bad)) yield { ...whole, [name]: value }
  }
  yield { ...whole, [bad.slice(0, 1000)]: 1 }
}

const filled = ({ path, parameters }: Route, name?: string, value = '') =>
  parameters
    .filter(parameter => parameter.in === 'path')
    .reduce((at, p) => at.replace(`{${p.name}}`, p.name === name ? value : String(sample(p.schema))), path)

interface Sent {
  readonly route: Route
  readonly what: string
  readonly path: string
  readonly body?: string
}

/** Eight at a time, with what came back that must not. */
async function failuresOf(requests: readonly Sent[]): Promise<string[]> {
  const failures: string[] = []
  const queue = requests.values()
  const worker = async () => {
    for (const { route, what, path, body } of queue) {
      const response = await fetch(`${marty.url}${path}`, {
        method: route.method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...defined({ body }),
        signal: AbortSignal.timeout(120_000),
      }).catch((error: Error) => error)
      const fault = response instanceof Error ? `${response.name} ${String(response.cause)}` : await faultOf(response)
      if (fault !== undefined) failures.push(`${route.method} ${route.path}, ${what}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return failures
}

async function faultOf(response: Response): Promise<string | undefined> {
  const text = await response.text()
  if (response.status < 400) return undefined
  const { code, status } = JSON.parse(text)
  const isCoded = code in catalogue && status === response.status
  const isProblem = response.headers.get('content-type') === 'application/problem+json'
  return response.status < 500 && isCoded && isProblem && text.length < 20_000 ? undefined : text.slice(0, 300)
}

describe('every string of every route', () => {
  it('in a body gets an answer or a coded refusal, never a 5xx', async () => {
    const requests = routes.flatMap(route => {
      const { body: schema } = route
      if (schema === undefined) return []
      return Object.entries(hostile).flatMap(([what, bad]) =>
        [...spoilt(schema, bad)].map(body => ({ route, what, path: filled(route), body: JSON.stringify(body) })),
      )
    })
    assert.ok(requests.length > 300, `${requests.length}`)
    assert.deepEqual(await failuresOf(requests), [])
  })

  it('in a path or a query gets an answer or a coded refusal, never a 5xx', async () => {
    const requests = routes.flatMap(route =>
      route.parameters.flatMap(({ name, in: where }) => {
        if (where === 'header') return []
        const body = route.body === undefined ? {} : { body: JSON.stringify(sample(route.body)) }
        return inUrl.map(value => ({
          route,
          what: `${where} ${name}=${value.slice(0, 20)}`,
          path: where === 'path' ? filled(route, name, value) : `${filled(route)}?${name}=${value}`,
          ...body,
        }))
      }),
    )
    assert.ok(requests.length > 200, `${requests.length}`)
    assert.deepEqual(await failuresOf(requests), [])
  })

  it('in an Idempotency-Key gets an answer or a coded refusal, never a 5xx', async () => {
    const failures: string[] = []
    for (const route of routes) {
      for (const bytes of [...Object.values(hostile), 'a\xed\xa0\x80', 'x'.repeat(256)]) {
        const answer = await withKey(route, bytes)
        const [, status = '', code = ''] = /^HTTP\/1\.1 (\d+) [\s\S]*?(?:"code":"(\w+)"|$)/.exec(answer) ?? []
        const isFine = status.startsWith('2') || (/^4/.test(status) && code in catalogue)
        if (!isFine)
          failures.push(`${route.method} ${route.path} ${JSON.stringify(bytes.slice(0, 9))}: ${answer.slice(0, 200)}`)
      }
    }
    assert.deepEqual(failures, [])
  })
})

describe('every answer', () => {
  it('in JSON is as the OpenAPI document says, for each choice that a query has', async () => {
    const wrong: string[] = []
    const seen = new Set<string>()
    for (const route of routes) {
      for (const query of queriesOf(route)) {
        const path = `${filled(route)}${query}`
        const body = route.body === undefined ? {} : { body: sample(route.body) }
        const { status, headers, json } = await marty.request(route.method, path, { token, ...body })
        const content = (route.responses[status] ?? route.responses['default'])?.content ?? {}
        const type = headers.get('content-type')?.split(';')[0] ?? ''
        const schema = content[type]?.schema
        const isOurs = type === 'application/json'
        if (status < 300 && isOurs) seen.add(`${route.method} ${route.path}`)
        const found =
          schema === undefined ? [`no schema for ${status} ${type}`] : isOurs ? violations(json, schema) : []
        for (const violation of found) wrong.push(`${route.method} ${path}: ${violation}`)
      }
    }
    assert.deepEqual(wrong, [])
    assert.ok(seen.size > 20, [...seen].join(', '))
  })
})

/** What is required, and one after the other each choice of each parameter. */
function queriesOf({ parameters }: Route): readonly string[] {
  const inQuery = parameters.filter(parameter => parameter.in === 'query')
  const base = Object.fromEntries(inQuery.filter(p => p.required).map(p => [p.name, String(sample(p.schema))]))
  const varied = inQuery.flatMap(({ name, schema }) =>
    (schema.enum ?? []).map(value => ({ ...base, [name]: String(value) })),
  )
  return [base, ...varied].map(query => (Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`))
}

/** The request as bytes, because clients refuse to write such headers. */
async function withKey(route: Route, key: string): Promise<string> {
  const { port, hostname } = new URL(marty.url)
  const socket = connect(Number(port), hostname)
  const body = route.body === undefined ? '' : JSON.stringify(sample(route.body))
  const head = [
    `${route.method} ${filled(route)} HTTP/1.1`,
    'host: x',
    'connection: close',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `idempotency-key: ${key}`,
  ]
  socket.on('error', () => {})
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
