import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { presignS3 } from '../blobs/s3/sigv4-presign.ts'
import type { Clock } from '../clock/clock.ts'
import { defined } from '../defined.ts'
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts'

export const fakeS3Credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' } as const
export const fakeS3Region = 'eu-west-1'

export interface FakeS3 {
  readonly endpoint: string
  /** Multipart uploads that were neither completed nor aborted. */
  readonly openUploads: () => number
  /** While true every request is answered with 503. */
  outage: boolean
  close(): Promise<void>
}

interface StoredObject {
  readonly body: Buffer
  readonly type: string
  readonly modified: Date
}

interface Request {
  readonly method: string
  readonly url: URL
  readonly key: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
}

/** As much of S3's REST API as the blob store uses, on this machine, path-style, in memory. */
export async function startFakeS3(clock: Clock): Promise<FakeS3> {
  const state = new FakeBucket(clock)
  let outage = false
  const server: LoopbackServer = await startLoopbackServer((message, response) => {
    respond(state, message, response, outage).catch(error => response.destroy(error))
  })
  return {
    endpoint: server.origin,
    openUploads: () => state.uploads.size,
    get outage() {
      return outage
    },
    set outage(down) {
      outage = down
    },
    close: () => server.close(),
  }
}

async function respond(state: FakeBucket, message: IncomingMessage, response: ServerResponse, outage: boolean) {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const url = new URL(message.url ?? '/', `http://${message.headers.host}`)
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
  const { method = 'GET', headers } = message
  const request = { method, url, key, headers, body: Buffer.concat(chunks) }
  const answer = outage ? errorAnswer(503, 'ServiceUnavailable') : state.answer(request)
  response.writeHead(answer.status, answer.headers)
  response.end(method === 'HEAD' ? undefined : answer.body)
}

class FakeBucket {
  readonly uploads = new Map<string, Map<number, Buffer>>()
  private readonly objects = new Map<string, StoredObject>()
  private readonly clock: Clock
  private lastUpload = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  answer(request: Request): Answer {
    const { method, url, key, body } = request
    const query = url.searchParams
    if (query.has('X-Amz-Signature') && !this.signatureHolds(request)) return errorAnswer(403, 'SignatureDoesNotMatch')
    if (key === '') return this.list(query)
    if (method === 'POST' && query.has('uploads')) return this.beginUpload()
    const upload = this.uploads.get(query.get('uploadId') ?? '')
    if (method === 'PUT' && upload !== undefined) {
      upload.set(Number(query.get('partNumber')), body)
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    if (method === 'POST' && upload !== undefined) return this.completeUpload(request, upload)
    if (method === 'DELETE' && upload !== undefined) {
      this.uploads.delete(query.get('uploadId') ?? '')
      return { status: 204 }
    }
    if (method === 'PUT') return this.put(request, body)
    if (method === 'DELETE') {
      this.objects.delete(key)
      return { status: 204 }
    }
    return this.get(request)
  }

  private put({ key, headers }: Request, body: Buffer): Answer {
    if (headers['if-none-match'] === '*' && this.objects.has(key)) return errorAnswer(412, 'PreconditionFailed')
    this.objects.set(key, { body, type: headers['content-type'] ?? '', modified: this.clock.now() })
    return { status: 200, headers: { etag: etagOf(body) } }
  }

  private get({ key, url, headers }: Request): Answer {
    const object = this.objects.get(key)
    if (object === undefined) return errorAnswer(404, 'NoSuchKey')
    const { body, type, modified } = object
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
    const [start, end] = [Number(from), to === '' ? body.length - 1 : Math.min(Number(to), body.length - 1)]
    if (headers.range !== undefined && start >= body.length) return errorAnswer(416, 'InvalidRange')
    const disposition = url.searchParams.get('response-content-disposition')
    const part = headers.range === undefined ? body : body.subarray(start, end + 1)
    return {
      status: headers.range === undefined ? 200 : 206,
      headers: {
        'content-type': type,
        'content-length': String(part.length),
        etag: etagOf(body),
        'last-modified': modified.toUTCString(),
        ...defined({ 'content-range': headers.range && `bytes ${start}-${end}/${body.length}` }),
        ...(disposition === null ? {} : { 'content-disposition': disposition }),
      },
      body: part,
    }
  }

  private list(query: URLSearchParams): Answer {
    const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
    const most = Number(query.get('max-keys') ?? 1000)
    const keys = [...this.objects.keys()].filter(key => key.startsWith(query.get('prefix') ?? '') && key > after)
    const page = keys.toSorted().slice(0, Math.min(most, 1000))
    const contents = page.map(key => {
      const { body, modified } = this.objects.get(key) as StoredObject
      const [size, etag] = [body.length, etagOf(body).replaceAll('"', '&quot;')]
      return `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>${etag}</ETag><LastModified>${modified.toISOString()}</LastModified></Contents>`
    })
    const next = page.length < keys.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return xml(`<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`)
  }

  private beginUpload(): Answer {
    const id = `upload-${++this.lastUpload}`
    this.uploads.set(id, new Map())
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }

  private completeUpload(request: Request, parts: ReadonlyMap<number, Buffer>): Answer {
    const named = [...request.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(match =>
      Number(match[1]),
    )
    const bodies = named.map(number => parts.get(number) ?? Buffer.alloc(0))
    const small = bodies.slice(0, -1).some(body => body.length < 5 * 1024 * 1024)
    if (small) return errorAnswer(400, 'EntityTooSmall')
    const answer = this.put(request, Buffer.concat(bodies))
    if (answer.status !== 200) return answer
    this.uploads.delete(request.url.searchParams.get('uploadId') ?? '')
    const etag = answer.headers?.['etag']?.replaceAll('"', '&quot;')
    return xml(`<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`)
  }

  /** Signs the request that came in anew and compares. */
  private signatureHolds({ method, url, headers }: Request): boolean {
    const query = url.searchParams
    const bare = new URL(url)
    for (const name of query.keys()) if (name.startsWith('X-Amz-')) bare.searchParams.delete(name)
    const signed = (query.get('X-Amz-SignedHeaders') ?? '').split(';').filter(name => name !== 'host')
    const date = query.get('X-Amz-Date') ?? ''
    const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const expected = presignS3({
      method,
      url: bare,
      headers: Object.fromEntries(signed.map(name => [name, String(headers[name] ?? '')])),
      region: fakeS3Region,
      credentials: fakeS3Credentials,
      date: new Date(iso),
      expiresSeconds: Number(query.get('X-Amz-Expires')),
    })
    return new URL(expected).searchParams.get('X-Amz-Signature') === query.get('X-Amz-Signature')
  }
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

function xml(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${body}` }
}

function errorAnswer(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status }
}
