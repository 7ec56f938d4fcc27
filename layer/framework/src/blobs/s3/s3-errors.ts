import { abortError, throwIfAborted } from '../../database/abort.ts'
import { defined } from '../../defined.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { unavailable } from '../check-blob.ts'

type Sent = { abortSignal?: AbortSignal }

/** Sends one command; every error leaves as a coded one. */
export async function coded<T>(signal: AbortSignal | undefined, send: (options: Sent) => Promise<T>): Promise<T> {
  throwIfAborted(signal)
  try {
    return await send(defined({ abortSignal: signal }))
  } catch (error) {
    throw s3Error(error, signal)
  }
}

/** The same, with undefined for what is not there. */
export async function absentAsUndefined<T>(
  signal: AbortSignal | undefined,
  send: (options: Sent) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await coded(signal, send)
  } catch (error) {
    if (isMmfError(error, 'not_found')) return undefined
    throw error
  }
}

/** A body in which errors of the connection are coded too. */
export async function* codedChunks(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw s3Error(error, signal)
  }
}

export function badRange(cause?: unknown): MmfError {
  return new MmfError('malformed_request', { detail: 'the range is not within the blob', cause })
}

function s3Error(error: unknown, signal: AbortSignal | undefined): MmfError {
  if (isMmfError(error)) return error
  if (signal?.aborted) return abortError(signal)
  switch ((error as { name?: string }).name) {
    case 'NotFound':
    case 'NoSuchKey':
      return new MmfError('not_found', { detail: 'no such blob', cause: error })
    case 'PreconditionFailed':
    case 'ConditionalRequestConflict':
      return new MmfError('conflict', { detail: 'there is a blob of this key', cause: error })
    case 'InvalidRange':
      return badRange(error)
    default:
      return unavailable(error)
  }
}
