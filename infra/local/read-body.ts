import type { IncomingMessage } from 'node:http'
import { MmfError } from '@mmf/framework'
import type { ByteBudget } from './byte-budget.ts'

/** What an HTTP API takes at the most: 10 MB. The functions have their own, lower limit. */
const gatewayLimitBytes = 10 * 1024 * 1024

export interface BodyRules {
  /** Up to here a body is read before it is known who sends it. */
  readonly strangerBytes: number
  /** Verifies the credential of the headers. @throws {MmfError} as the function would */
  readonly admit: () => Promise<void>
  readonly budget: ByteBudget
  /** Longest silence within a body, in milliseconds. */
  readonly idleMs: number
  /** Says that the body may come (RFC 9110 §10.1.1). */
  readonly goOn: () => void
}

export interface HeldBody {
  readonly bytes: Buffer
  /** Gives back what the body takes of the budget. */
  release(): void
}

/**
 * The whole body. Nothing of it is read before its announced length was looked at: against the limit, the sender's credential, and the bytes held
 * for all requests.
 * @throws {MmfError} `payload_too_large`, `overloaded`, `request_timeout`, what `admit` throws; nothing is held then
 */
export async function readBody(request: IncomingMessage, rules: BodyRules): Promise<HeldBody> {
  const announced = Number(request.headers['content-length'] ?? 0)
  const taken = { bytes: 0 }
  const release = () => {
    rules.budget.give(taken.bytes)
    taken.bytes = 0
  }
  const hold = (size: number) => {
    if (size <= taken.bytes) return
    if (!rules.budget.take(size - taken.bytes)) throw overloaded('too many bodies are being read')
    taken.bytes = size
  }
  try {
    checkSize(announced)
    if (announced > rules.strangerBytes) await rules.admit()
    hold(announced)
    rules.goOn()
    return { bytes: await collect(request, rules, announced > rules.strangerBytes, hold), release }
  } catch (error) {
    release()
    throw error
  }
}

async function collect(
  request: IncomingMessage,
  { strangerBytes, admit, idleMs }: BodyRules,
  alreadyAdmitted: boolean,
  hold: (size: number) => void,
): Promise<Buffer> {
  let isAdmitted = alreadyAdmitted
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of chunksOf(request, idleMs)) {
    size += chunk.length
    checkSize(size)
    // A body of unknown length (chunked) shows what it is on the way; what comes meanwhile waits in the socket.
    if (size > strangerBytes && !isAdmitted) {
      await admit()
      isAdmitted = true
    }
    hold(size)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
}

/** The chunks as they come. The request is not destroyed when reading stops early: an answer has still to go out. */
async function* chunksOf(request: IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const next = await withinSilence(chunks.next(), idleMs)
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Lets go of the request, so that what still comes can be thrown away. Not awaited: a read that waits for bytes may never end.
    void chunks.return?.()
  }
}

async function withinSilence<T>(next: Promise<T>, idleMs: number): Promise<T> {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new MmfError('request_timeout', { detail: 'the body stopped coming' })), idleMs)
  try {
    return await Promise.race([next, silence])
  } finally {
    clearTimeout(timer)
  }
}

function checkSize(size: number): void {
  if (size <= gatewayLimitBytes) return
  throw new MmfError('payload_too_large', { detail: 'the gateway takes at most 10 MiB' })
}

export const overloaded = (detail: string): MmfError => new MmfError('overloaded', { detail })
