import { createHash, createHmac } from 'node:crypto'

export interface PresignInput {
  readonly method: string
  /** Without the parameters of the signature. */
  readonly url: URL
  /** Headers that the sender must send exactly so, `host` left out. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly region: string
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string | undefined
  }
  readonly date: Date
  readonly expiresSeconds: number
}

/**
 * A presigned URL for S3: Signature Version 4 in the query, payload unsigned (Amazon S3 API Reference, "Authenticating Requests: Using Query
 * Parameters"). The SDK's own presigner is another package, and the layer holds none of the SDK.
 */
export function presignS3(input: PresignInput): string {
  const { url, region, credentials, date } = input
  const time = date.toISOString().replace(/[:-]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const headers = { ...input.headers, host: url.host }
  const signed = Object.keys(headers).toSorted()
  const query = new Map(url.searchParams)
  query.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256')
  query.set('X-Amz-Credential', `${credentials.accessKeyId}/${scope}`)
  query.set('X-Amz-Date', time)
  query.set('X-Amz-Expires', String(input.expiresSeconds))
  query.set('X-Amz-SignedHeaders', signed.join(';'))
  if (credentials.sessionToken !== undefined) query.set('X-Amz-Security-Token', credentials.sessionToken)
  const canonicalQuery = [...query]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&')
  const canonicalHeaders = signed.map(name => `${name}:${headers[name as keyof typeof headers]?.trim()}\n`).join('')
  const request = [
    input.method,
    canonicalPath(url),
    canonicalQuery,
    canonicalHeaders,
    signed.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  const signature = hmac(key, text).toString('hex')
  return `${url.origin}${canonicalPath(url)}?${canonicalQuery}&X-Amz-Signature=${signature}`
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** RFC 3986 §2.3: all but the unreserved characters. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function canonicalPath(url: URL): string {
  return url.pathname
    .split('/')
    .map(segment => escaped(decodeURIComponent(segment)))
    .join('/')
}
