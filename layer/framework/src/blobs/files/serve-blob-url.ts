import { MmfError } from '../../errors/mmf-error.ts'
import type { BlobBody, Blobs } from '../blobs.ts'
import { defaultContentType } from '../check-blob.ts'
import { type BlobUrls, contentDisposition } from './blob-urls.ts'

export interface BlobRequest {
  readonly method: string
  /** Absolute, or a path with its query. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: BlobBody
}

export interface BlobResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: AsyncIterable<Uint8Array>
}

/**
 * Answers a presigned URL of `createBlobUrls`; for the local gateway.
 * @throws {MmfError} `access_denied`, `not_found`, `payload_too_large`, `malformed_request`
 */
export async function serveBlobUrl(blobs: Blobs, urls: BlobUrls, request: BlobRequest): Promise<BlobResponse> {
  const grant = urls.verify(request.method, request.url)
  if (grant.method === 'PUT') {
    const { key, size = 0, contentType = defaultContentType } = grant
    const declared = request.headers['content-type'] ?? defaultContentType
    if (declared !== contentType) throw new MmfError('access_denied', { detail: 'another content type was granted' })
    const { etag } = await blobs.put(key, exactly(request.body, size), { contentType, maxBytes: size })
    return { status: 200, headers: { etag: `"${etag}"` } }
  }
  const found = await blobs.get(grant.key)
  if (found === undefined) throw new MmfError('not_found', { detail: 'no such blob' })
  const { info, body } = found
  return {
    status: 200,
    headers: {
      'content-type': info.contentType,
      'content-length': String(info.size),
      etag: `"${info.etag}"`,
      ...(grant.filename === undefined ? {} : { 'content-disposition': contentDisposition(grant.filename) }),
    },
    body,
  }
}

/** A body that ends early is not stored as if it were whole. */
async function* exactly(body: BlobBody, size: number): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    seen += chunk.byteLength
    yield chunk
  }
  if (seen < size) throw new MmfError('malformed_request', { detail: `${seen} bytes came, ${size} were declared` })
}
