import { MmfError } from '../errors/mmf-error.ts'

/**
 * `work`, or `reason` as soon as `signal` aborts: for work that does not listen to it. The work goes on; what becomes of it is its owner's.
 * @param reason default `deadline_exceeded`
 * @throws `reason`; what `work` throws
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, reason?: Error): Promise<T> {
  if (signal === undefined) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(reason ?? new MmfError('deadline_exceeded', { cause: signal.reason }))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([aborted, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
