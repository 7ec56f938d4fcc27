import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { abortError } from '../abort.ts'

interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Message?: string }[]
}

/** Another transaction holds the row: nothing is wrong with this one, try again. */
const conflictNames = new Set(['TransactionConflictException', 'TransactionInProgressException'])
const tooLargeText = /item size|size limit|aggregate size|exceeds? the (maximum|limit)|maximum allowed/i

/** Whether the same request may pass at once, since only another transaction was in the way. */
export function isTransactionConflict(error: unknown): boolean {
  const { name, CancellationReasons: reasons } = error as SdkError
  if (name !== undefined && conflictNames.has(name)) return true
  if (name !== 'TransactionCanceledException' || reasons === undefined) return false
  const codes = reasons.map(reason => reason.Code ?? 'None').filter(code => code !== 'None')
  return codes.length > 0 && codes.every(code => code === 'TransactionConflict')
}

/** The coded error for what the SDK threw. What is not known to be final counts as unavailable. */
export function dynamoDbError(error: unknown, signal?: AbortSignal): MmfError {
  if (isMmfError(error)) return error
  if (signal?.aborted) return abortError(signal)
  const { name, message = '', CancellationReasons: reasons = [] } = error as SdkError
  switch (name) {
    case 'ConditionalCheckFailedException':
      return new MmfError('database_conflict', { members: { failed: [0] }, cause: error })
    case 'TransactionCanceledException':
      return cancelled(reasons, error)
    case 'IdempotentParameterMismatchException':
      return new MmfError('database_conflict', {
        detail: 'the token belongs to another transaction',
        members: { failed: [] },
        cause: error,
      })
    case 'ItemCollectionSizeLimitExceededException':
      return new MmfError('database_limit_exceeded', { detail: 'too many bytes under one partition key', cause: error })
    case 'ValidationException':
      return new MmfError(tooLargeText.test(message) ? 'database_limit_exceeded' : 'database_row_invalid', {
        cause: error,
      })
    default:
      return new MmfError('database_unavailable', { detail: name ?? 'no answer', cause: error })
  }
}

function cancelled(reasons: NonNullable<SdkError['CancellationReasons']>, cause: unknown): MmfError {
  const failed = reasons.flatMap((reason, i) => (reason.Code === 'ConditionalCheckFailed' ? [i] : []))
  if (failed.length > 0) return new MmfError('database_conflict', { members: { failed }, cause })
  const of = (code: string) => reasons.find(reason => reason.Code === code)
  const validation = of('ValidationError')
  if (validation !== undefined) {
    const tooLarge = tooLargeText.test(validation.Message ?? '')
    return new MmfError(tooLarge ? 'database_limit_exceeded' : 'database_row_invalid', { cause })
  }
  if (of('ItemCollectionSizeLimitExceeded') !== undefined) return new MmfError('database_limit_exceeded', { cause })
  return new MmfError('database_unavailable', { detail: 'the transaction was cancelled', cause })
}
