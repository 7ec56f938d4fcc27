import type { Page } from '../database/database.ts'

export interface BlobInfo {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Opaque; another content has another one. Without quotes. */
  readonly etag: string
  readonly contentType: string
  /** RFC 3339 */
  readonly modifiedAt: string
}

export interface StoredBlob {
  readonly info: BlobInfo
  /** To be read once and begun within a minute; memory stays small. Who wants only `info` asks with `head`. */
  readonly body: AsyncIterable<Uint8Array>
}

export type BlobBody = Uint8Array | AsyncIterable<Uint8Array>

export interface PutBlobOptions {
  /** Default `application/octet-stream`. */
  readonly contentType?: string | undefined
  /** More is refused, and nothing is stored; default 100 MB. */
  readonly maxBytes?: number | undefined
  /** Only when there is no blob of this key. */
  readonly ifAbsent?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PutBlob extends BlobInfo {
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string
}

/** A request that any holder may send, once or more until it expires, without any other credential. */
export interface PresignedRequest {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  /** Headers that must be sent exactly so. */
  readonly headers: Readonly<Record<string, string>>
  /** RFC 3339 */
  readonly expiresAt: string
}

/**
 * Large values: lists, CRLs, bundles, exports. A blob is there whole or not at all; readers of a content that is replaced or deleted finish reading it. Keys are paths
 * of `A–Z a–z 0–9 . _ -` segments, at most 512 characters.
 *
 * All methods @throws {MmfError} `service_unavailable` (retryable), `malformed_request` for a key that is none.
 */
export interface Blobs {
  /** @throws `payload_too_large`; `conflict` when it is there and `ifAbsent` was asked for */
  put(key: string, body: BlobBody, options?: PutBlobOptions): Promise<PutBlob>
  /** Undefined when there is none. `range` is in bytes, both ends included; `malformed_request` when it begins behind the end. */
  get(
    key: string,
    options?: { range?: { start: number; end?: number }; signal?: AbortSignal | undefined },
  ): Promise<StoredBlob | undefined>
  head(key: string, options?: { signal?: AbortSignal | undefined }): Promise<BlobInfo | undefined>
  /** Removing an absent blob is no error. */
  delete(key: string, options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Keys that begin with `prefix`, in order. `limit` is 1–1000, default 100. @throws `cursor_invalid` */
  list(
    prefix: string,
    options?: { limit?: number | undefined; cursor?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Page<BlobInfo>>
  /** A download without going through this process; `filename` is what browsers save it as. */
  presignGet(key: string, options: { expiresSeconds: number; filename?: string | undefined }): Promise<PresignedRequest>
  /** An upload of exactly `size` bytes. */
  presignPut(
    key: string,
    options: { expiresSeconds: number; size: number; contentType?: string | undefined },
  ): Promise<PresignedRequest>
}

export interface BlobsAdapter extends Blobs {
  /** A real round trip. Throws when the store does not answer. */
  ping(): Promise<void>
}
