import { createHash } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import type { BlobBody, PutBlob, PutBlobOptions } from '../blobs.ts'
import { blobLimits, countedChunks, defaultContentType } from '../check-blob.ts'
import { coded } from './s3-errors.ts'
import { bucketOf, type S3BlobsOptions } from './s3-options.ts'

/** What one put is about. */
interface Upload {
  readonly target: { readonly Bucket: string; readonly Key: string }
  readonly condition: { readonly IfNoneMatch?: string }
  readonly ContentType: string
  readonly signal: AbortSignal | undefined
}

const defaultPartBytes = 8 * 1024 * 1024

/** One PutObject when the body fits into one part, else a multipart upload. What fails on the way leaves nothing behind. */
export async function putS3(
  options: S3BlobsOptions,
  key: string,
  body: BlobBody,
  putOptions: PutBlobOptions,
): Promise<PutBlob> {
  const { contentType = defaultContentType, maxBytes = blobLimits.defaultMaxBytes, ifAbsent = false } = putOptions
  const upload: Upload = {
    target: { Bucket: bucketOf(options, key), Key: key },
    condition: ifAbsent ? { IfNoneMatch: '*' } : {},
    ContentType: contentType,
    signal: putOptions.signal,
  }
  const hash = createHash('sha256')
  let size = 0
  async function* seen(): AsyncGenerator<Uint8Array> {
    for await (const chunk of countedChunks(body, maxBytes)) {
      hash.update(chunk)
      size += chunk.byteLength
      yield chunk
    }
  }
  const parts = partsOf(seen(), options.partBytes ?? defaultPartBytes)
  const first = await parts.next()
  const second = await parts.next()
  const etag =
    first.done || second.done
      ? await putObject(options, upload, first.value ?? Buffer.alloc(0))
      : await putParts(options, upload, first.value, second.value, parts)
  const modifiedAt = options.clock.now().toISOString()
  return { key, size, etag: etag.replaceAll('"', ''), contentType, modifiedAt, sha256: hash.digest('hex') }
}

async function putObject({ client, commands }: S3BlobsOptions, upload: Upload, Body: Buffer): Promise<string> {
  const { target, condition, ContentType, signal } = upload
  const command = new commands.PutObjectCommand({ ...target, ...condition, ContentType, Body })
  return (await coded(signal, sent => client.send(command, sent))).ETag ?? ''
}

async function putParts(
  { client, commands }: S3BlobsOptions,
  { target, condition, ContentType, signal }: Upload,
  first: Buffer,
  second: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<string> {
  const begin = new commands.CreateMultipartUploadCommand({ ...target, ContentType })
  const { UploadId } = await coded(signal, sent => client.send(begin, sent))
  const multipart = { ...target, UploadId }
  const Parts: CompletedPart[] = []
  const sendPart = async (Body: Buffer) => {
    const PartNumber = Parts.length + 1
    const command = new commands.UploadPartCommand({ ...multipart, PartNumber, Body })
    Parts.push({ PartNumber, ETag: (await coded(signal, sent => client.send(command, sent))).ETag })
  }
  try {
    await sendPart(first)
    await sendPart(second)
    for await (const part of rest) await sendPart(part)
    const complete = new commands.CompleteMultipartUploadCommand({
      ...multipart,
      ...condition,
      MultipartUpload: { Parts },
    })
    return (await coded(signal, sent => client.send(complete, sent))).ETag ?? ''
  } catch (error) {
    // Parts cost until they are aborted. The first error is the answer; what this does not reach, a lifecycle rule of the bucket removes.
    await client.send(new commands.AbortMultipartUploadCommand(multipart)).catch(() => undefined)
    throw error
  }
}

/** Chunks of any size as buffers of one size, the last one smaller. */
async function* partsOf(chunks: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer, undefined> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    let rest = chunk
    while (size + rest.byteLength >= partBytes) {
      const room = partBytes - size
      yield Buffer.concat([...waiting, rest.subarray(0, room)])
      rest = rest.subarray(room)
      waiting = []
      size = 0
    }
    if (rest.byteLength > 0) {
      // A copy: the source may use its buffer again.
      waiting.push(Uint8Array.from(rest))
      size += rest.byteLength
    }
  }
  if (size > 0) yield Buffer.concat(waiting)
  return undefined
}
