import { decodeCursor, encodeCursor } from '../../database/cursor.ts'
import type { BlobInfo, BlobsAdapter, PresignedRequest } from '../blobs.ts'
import { checkBlobKey, checkBlobLimit, checkBlobPrefix, checkExpiry, defaultContentType } from '../check-blob.ts'
import { contentDisposition, uploadHeaders } from '../files/blob-urls.ts'
import { absentAsUndefined, badRange, coded, codedChunks } from './s3-errors.ts'
import { bucketOf, type S3BlobsOptions } from './s3-options.ts'
import { putS3 } from './s3-put.ts'
import { presignS3 } from './sigv4-presign.ts'

/** Blobs in a bucket. At most one part of a body is in memory. */
export function createS3Blobs(options: S3BlobsOptions): BlobsAdapter {
  const { client, commands } = options
  const presign = presigner(options)
  const head = (key: string, signal?: AbortSignal) =>
    absentAsUndefined(signal, async sent => {
      const answer = await client.send(
        new commands.HeadObjectCommand({ Bucket: bucketOf(options, key), Key: key }),
        sent,
      )
      return infoOf(key, answer, answer.ContentLength)
    })

  return {
    async put(key, body, putOptions = {}) {
      checkBlobKey(key)
      return putS3(options, key, body, putOptions)
    },
    async get(key, { range, signal } = {}) {
      checkBlobKey(key)
      if (range !== undefined && !(range.start >= 0 && range.start <= (range.end ?? range.start))) throw badRange()
      const Range = range && `bytes=${range.start}-${range.end ?? ''}`
      return absentAsUndefined(signal, async sent => {
        const command = new commands.GetObjectCommand({
          Bucket: bucketOf(options, key),
          Key: key,
          ...(Range && { Range }),
        })
        const answer = await client.send(command, sent)
        const total = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? answer.ContentLength)
        const body = answer.Body as unknown as AsyncIterable<Uint8Array>
        return { info: infoOf(key, answer, total), body: codedChunks(body, signal) }
      })
    },
    async head(key, { signal } = {}) {
      checkBlobKey(key)
      return head(key, signal)
    },
    async delete(key, { signal } = {}) {
      checkBlobKey(key)
      await coded(signal, sent =>
        client.send(new commands.DeleteObjectCommand({ Bucket: bucketOf(options, key), Key: key }), sent),
      )
    },
    list: (prefix, listOptions = {}) => list(options, prefix, listOptions),
    async presignGet(key, { expiresSeconds, filename }) {
      const query = filename === undefined ? {} : { 'response-content-disposition': contentDisposition(filename) }
      return presign('GET', key, expiresSeconds, {}, query)
    },
    async presignPut(key, { expiresSeconds, size, contentType = defaultContentType }) {
      const headers = uploadHeaders({ method: 'PUT', key, size, contentType })
      return presign('PUT', key, expiresSeconds, headers, {})
    },
    async ping() {
      await coded(undefined, sent =>
        client.send(new commands.ListObjectsV2Command({ Bucket: options.bucket, MaxKeys: 1 }), sent),
      )
    },
  }
}

async function list(
  s3: S3BlobsOptions,
  Prefix: string,
  options: { limit?: number | undefined; cursor?: string | undefined; signal?: AbortSignal | undefined },
) {
  const { client, commands } = s3
  const Bucket = bucketOf(s3, Prefix)
  checkBlobPrefix(Prefix)
  const limit = checkBlobLimit(options.limit)
  const identity = ['blobs', Prefix]
  const [after] = options.cursor === undefined ? [] : decodeCursor(identity, options.cursor)
  const StartAfter = after === undefined ? {} : { StartAfter: String(after) }
  const rows: BlobInfo[] = []
  // S3 answers at most 1,000 keys; one more than the page proves that another page follows.
  for (let token: string | undefined; rows.length <= limit; ) {
    const MaxKeys = Math.min(limit + 1 - rows.length, 1000)
    const command = new commands.ListObjectsV2Command({
      Bucket,
      Prefix,
      MaxKeys,
      ...(token === undefined ? StartAfter : { ContinuationToken: token }),
    })
    const answer = await coded(options.signal, sent => client.send(command, sent))
    rows.push(...(answer.Contents ?? []).map(object => infoOf(object.Key ?? '', object, object.Size)))
    token = answer.NextContinuationToken
    if (token === undefined) break
  }
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last !== undefined
    ? { rows: page, cursor: encodeCursor(identity, [last.key]) }
    : { rows: page }
}

function presigner(options: S3BlobsOptions) {
  const { client, clock } = options
  return async (
    method: 'GET' | 'PUT',
    key: string,
    expires: number,
    headers: Record<string, string>,
    query: Record<string, string>,
  ): Promise<PresignedRequest> => {
    checkBlobKey(key)
    const expiresSeconds = checkExpiry(expires)
    const date = clock.now()
    const [region, credentials] = await Promise.all([client.config.region(), client.config.credentials()])
    const url = await objectUrl(client, bucketOf(options, key), region, key)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return {
      method,
      url: presignS3({ method, url, headers, region, credentials, date, expiresSeconds }),
      headers,
      expiresAt: new Date(date.getTime() + expiresSeconds * 1000).toISOString(),
    }
  }
}

/** Virtual-hosted on AWS; path-style at an endpoint of one's own, where bucket names are rarely host names. */
async function objectUrl({ config }: S3BlobsOptions['client'], bucket: string, region: string, key: string) {
  const endpoint = await config.endpoint?.()
  if (endpoint === undefined) return new URL(`https://${bucket}.s3.${region}.amazonaws.com/${key}`)
  const port = endpoint.port === undefined ? '' : `:${endpoint.port}`
  return new URL(`${endpoint.protocol}//${endpoint.hostname}${port}/${bucket}/${key}`)
}

interface ObjectAnswer {
  readonly ETag?: string | undefined
  readonly ContentType?: string | undefined
  readonly LastModified?: Date | undefined
}

function infoOf(key: string, answer: ObjectAnswer, size: number | undefined): BlobInfo {
  return {
    key,
    size: size ?? 0,
    etag: (answer.ETag ?? '').replaceAll('"', ''),
    contentType: answer.ContentType ?? defaultContentType,
    modifiedAt: (answer.LastModified ?? new Date(0)).toISOString(),
  }
}
