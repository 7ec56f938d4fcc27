import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock/clock.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { PresignedRequest } from '../blobs.ts'
import { checkBlobKey, checkExpiry } from '../check-blob.ts'

export interface BlobUrlsOptions {
  /** Where the URLs are served, without a slash at its end: `http://127.0.0.1:8080/blobs`. A function where it is known only later. */
  readonly baseUrl: string | (() => string)
  /** At least 32 random bytes. */
  readonly secret: Uint8Array
  readonly clock: Clock
}

/** What a URL allows. */
export interface BlobGrant {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  /** Of an upload: exactly so many bytes, of this type. */
  readonly size?: number | undefined
  readonly contentType?: string | undefined
  readonly filename?: string | undefined
}

/** Presigned URLs for stores that have none of their own: the grant and its end, under an HMAC-SHA256. */
export interface BlobUrls {
  sign(grant: BlobGrant, expiresSeconds: number): PresignedRequest
  /** @throws {MmfError} `access_denied` when the URL was altered, has expired, or is for another method */
  verify(method: string, url: string): BlobGrant
}

const fields = ['size', 'type', 'filename', 'expires'] as const

export function createBlobUrls({ baseUrl, secret, clock }: BlobUrlsOptions): BlobUrls {
  if (secret.byteLength < 32) throw new TypeError('the secret has at least 32 bytes')
  const base = () => (typeof baseUrl === 'string' ? baseUrl : baseUrl())
  const seconds = () => Math.floor(clock.now().getTime() / 1000)
  const signatureOf = (method: string, key: string, query: URLSearchParams) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([method, key, ...fields.map(field => query.get(field))]))
      .digest()

  return {
    sign(grant, expiresSeconds) {
      checkBlobKey(grant.key)
      const expires = seconds() + checkExpiry(expiresSeconds)
      const query = new URLSearchParams()
      const { size, contentType, filename } = grant
      for (const [field, value] of Object.entries({ size, type: contentType, filename, expires })) {
        if (value !== undefined) query.set(field, String(value))
      }
      query.set('signature', signatureOf(grant.method, grant.key, query).toString('base64url'))
      return {
        method: grant.method,
        url: `${base()}/${grant.key}?${query}`,
        headers: uploadHeaders(grant),
        expiresAt: new Date(expires * 1000).toISOString(),
      }
    },
    verify(method, url) {
      const { pathname, searchParams: query } = new URL(url, base())
      const folder = `${new URL(base()).pathname.replace(/\/$/, '')}/`
      const key = pathname.startsWith(folder) ? pathname.slice(folder.length) : ''
      const given = Buffer.from(query.get('signature') ?? '', 'base64url')
      const expected = signatureOf(method, key, query)
      const good = given.byteLength === expected.byteLength && timingSafeEqual(given, expected)
      if (!good || Number(query.get('expires')) <= seconds() || (method !== 'GET' && method !== 'PUT')) {
        throw new MmfError('access_denied', { detail: 'this URL is not valid, or not any more' })
      }
      const [size, contentType, filename] = ['size', 'type', 'filename'].map(field => query.get(field))
      return {
        method,
        key,
        ...(size ? { size: Number(size) } : {}),
        ...(contentType ? { contentType } : {}),
        ...(filename ? { filename } : {}),
      }
    },
  }
}

/** The headers that bind an upload to what was granted. */
export function uploadHeaders({ method, size, contentType }: BlobGrant): Record<string, string> {
  if (method === 'GET') return {}
  return {
    ...defined({ 'content-length': size === undefined ? undefined : String(size), 'content-type': contentType }),
  }
}

/** RFC 6266 and RFC 8187: what a browser saves a download as. */
export function contentDisposition(filename: string): string {
  const escaped = encodeURIComponent(filename).replace(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename*=UTF-8''${escaped}`
}
