import { type ErrorCode, isMmfError, MmfError } from '@mmf/framework'
import type { ServiceCall } from '@mmf/framework/internal'

/** An error as data: what a process may know of another one's. */
interface ErrorData {
  readonly code?: ErrorCode
  readonly detail?: string | undefined
  readonly members?: Readonly<Record<string, unknown>>
}

/** An answer to a message of this id. */
export type Answer =
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly error: ErrorData }

export type ToService =
  | {
      readonly kind: 'event'
      readonly id: number
      readonly event: unknown
      readonly requestId: string
      readonly timeMs: number
    }
  | { readonly kind: 'stop' }
  | Answer

export type FromService =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'call'; readonly id: number; readonly call: ServiceCall }
  | Answer

export function errorData(error: unknown): ErrorData {
  if (!isMmfError(error)) return { detail: error instanceof Error ? error.message : String(error) }
  return { code: error.code, detail: error.detail, members: error.members }
}

export const errorOf = ({ code = 'internal_error', detail, members = {} }: ErrorData): MmfError =>
  new MmfError(code, { detail, members })

/** What `work` gives, or throws, as an answer. */
export async function answerOf(id: number, work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { kind: 'answer', id, result: await work() }
  } catch (error) {
    return { kind: 'answer', id, error: errorData(error) }
  }
}

/** Questions whose answers are awaited. */
export function openQuestions() {
  let last = 0
  const open = new Map<number, PromiseWithResolvers<unknown>>()
  return {
    ask(send: (id: number) => void): Promise<unknown> {
      const id = ++last
      const waiting = Promise.withResolvers<unknown>()
      open.set(id, waiting)
      send(id)
      return waiting.promise
    },
    answered(answer: Answer): void {
      const waiting = open.get(answer.id)
      open.delete(answer.id)
      if ('error' in answer) waiting?.reject(errorOf(answer.error))
      else waiting?.resolve(answer.result)
    },
    /** No answer will come any more. */
    failAll(error: () => Error): void {
      for (const { reject } of open.values()) reject(error())
      open.clear()
    },
  }
}
