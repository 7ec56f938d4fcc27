import type { Clock } from '../../clock/clock.ts'
import { throwIfAborted } from '../../database/abort.ts'
import { decodeCursor, encodeCursor } from '../../database/cursor.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { BlobBody, BlobInfo, BlobsAdapter, PutBlob, PutBlobOptions, StoredBlob } from '../blobs.ts'
import {
  blobLimits,
  checkBlobKey,
  checkBlobLimit,
  checkBlobPrefix,
  countedChunks,
  defaultContentType,
  unavailable,
} from '../check-blob.ts'
import type { BlobUrls } from './blob-urls.ts'
import { FilesStore, type StoredEntry } from './files-store.ts'

export interface FilesBlobsOptions {
  /** Made when missing, readable by its owner only. */
  readonly directory: string
  readonly clock: Clock
  /** Needed for presigned URLs, which a server answers with `serveBlobUrl`. */
  readonly urls?: BlobUrls | undefined
}

/**
 * Blobs as files: `entries/<hash of the key>.json` names the content in `contents/`. An answered put survives `kill -9` and a power cut; one that
 * was cut off leaves nothing but a file without a name in use. Names are hashes, since file systems differ in which names they distinguish.
 */
export function createFilesBlobs(options: FilesBlobsOptions): BlobsAdapter {
  const store = new FilesStore(options.directory, () => options.clock.now().getTime())
  const urls = () => options.urls ?? throwUnavailable('no URL is configured under which blobs are served')
  return {
    put: (key, body, putOptions = {}) => coded(async () => put(store, options.clock, key, body, putOptions)),
    get: (key, { range, signal } = {}) => coded(async () => get(store, key, range, signal)),
    head: (key, { signal } = {}) =>
      coded(async () => {
        checkBlobKey(key)
        throwIfAborted(signal)
        const entry = await store.entry(key)
        return entry && infoOf(entry)
      }),
    delete: (key, { signal } = {}) =>
      coded(async () => {
        checkBlobKey(key)
        throwIfAborted(signal)
        await store.remove(key)
      }),
    list: (prefix, listOptions = {}) => coded(async () => list(store, prefix, listOptions)),
    presignGet: async (key, { expiresSeconds, filename }) =>
      urls().sign({ method: 'GET', key, filename }, expiresSeconds),
    presignPut: async (key, { expiresSeconds, size, contentType = defaultContentType }) =>
      urls().sign({ method: 'PUT', key, size, contentType }, expiresSeconds),
    ping: () => coded(() => store.prepare()),
  }
}

async function put(
  store: FilesStore,
  clock: Clock,
  key: string,
  body: BlobBody,
  options: PutBlobOptions,
): Promise<PutBlob> {
  checkBlobKey(key)
  const { contentType = defaultContentType, maxBytes = blobLimits.defaultMaxBytes, ifAbsent = false, signal } = options
  throwIfAborted(signal)
  await store.prepare()
  const { content, size, sha256 } = await store.writeContent(countedChunks(body, maxBytes), signal)
  const modifiedAt = clock.now().toISOString()
  const info = { key, size, etag: sha256, contentType, modifiedAt }
  try {
    throwIfAborted(signal)
    await store.name(key, { ...info, content }, ifAbsent)
  } catch (error) {
    await store.removeContent(content)
    throw error
  }
  return { ...info, sha256 }
}

async function get(
  store: FilesStore,
  key: string,
  range: { start: number; end?: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<StoredBlob | undefined> {
  checkBlobKey(key)
  throwIfAborted(signal)
  const entry = await store.entry(key)
  if (entry === undefined) return undefined
  const { start, end = Number.POSITIVE_INFINITY } = range ?? { start: 0 }
  if (range !== undefined && !(start >= 0 && start < entry.size && start <= end)) {
    throw new MmfError('malformed_request', { detail: 'the range is not within the blob' })
  }
  return { info: infoOf(entry), body: store.readContent(entry.content, range, signal) }
}

async function list(
  store: FilesStore,
  prefix: string,
  options: { limit?: number | undefined; cursor?: string | undefined; signal?: AbortSignal | undefined },
) {
  checkBlobPrefix(prefix)
  throwIfAborted(options.signal)
  const limit = checkBlobLimit(options.limit)
  const identity = ['blobs', prefix]
  const [after = ''] = options.cursor === undefined ? [] : decodeCursor(identity, options.cursor)
  const entries = (await store.entries()).filter(({ key }) => key.startsWith(prefix) && key > String(after))
  entries.sort((a, b) => (a.key < b.key ? -1 : 1))
  const rows = entries.slice(0, limit).map(infoOf)
  const last = rows.at(-1)
  return entries.length > limit && last !== undefined ? { rows, cursor: encodeCursor(identity, [last.key]) } : { rows }
}

function infoOf({ key, size, etag, contentType, modifiedAt }: StoredEntry): BlobInfo {
  return { key, size, etag, contentType, modifiedAt }
}

/** What the file system reports leaves as a coded error; what the caller's own body throws stays as it is. */
async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const fromFiles = typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string'
    throw !isMmfError(error) && fromFiles ? unavailable(error) : error
  }
}

function throwUnavailable(detail: string): never {
  throw unavailable(undefined, detail)
}
