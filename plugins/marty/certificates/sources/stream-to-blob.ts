import type { Blobs, PutBlob } from '@mmf/framework'

/**
 * Has a producer write a blob piece by piece; it waits for the store, so memory stays small. When the producer fails nothing is stored.
 * @throws what the producer throws, or the store
 */
export async function streamToBlob<Result>(
  blobs: Blobs,
  { key, contentType, maxBytes, signal }: { key: string; contentType: string; maxBytes: number; signal: AbortSignal },
  produce: (sink: (chunk: Uint8Array) => Promise<void>) => Promise<Result>,
): Promise<{ readonly result: Result; readonly blob: PutBlob }> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const stored = blobs.put(key, readable, { contentType, maxBytes, signal })
  // It is looked at below; until then its failure is not an unhandled one.
  stored.catch(() => {})
  try {
    const result = await produce(async chunk => {
      // A store that gave up reads no more: its error ends the producer.
      await Promise.race([writer.write(chunk), stored.then(() => {})])
    })
    await writer.close()
    return { result, blob: await stored }
  } catch (error) {
    await writer.abort(error).catch(() => {})
    await stored.catch(() => {})
    throw error
  }
}
