import { setTimeout as delay } from 'node:timers/promises'
import type * as Sdk from '@aws-sdk/client-dynamodb'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { abortError, throwIfAborted } from '../abort.ts'
import type { CheckedTable } from '../checked-table.ts'
import { dynamoDbError, isTransactionConflict } from './dynamodb-errors.ts'

/** The commands the adapter sends. The handler hands them in, so that its bundle holds the one copy of the SDK and the layer none. */
export type DynamoDbCommands = Pick<
  typeof Sdk,
  | 'GetItemCommand'
  | 'BatchGetItemCommand'
  | 'QueryCommand'
  | 'ScanCommand'
  | 'PutItemCommand'
  | 'UpdateItemCommand'
  | 'DeleteItemCommand'
  | 'TransactWriteItemsCommand'
>

/** What reading and writing share. */
export interface DynamoDb {
  readonly client: Pick<Sdk.DynamoDBClient, 'send'>
  readonly commands: DynamoDbCommands
  readonly retries: Retries
  /** The physical name of a table. @throws {MmfError} `database_unavailable` when the deployment gave none. */
  readonly physical: (table: CheckedTable) => string
  /** Seconds since 1970. */
  readonly now: () => number
}

export interface Retries {
  /** Attempts in all when another transaction holds a row, or keys of a batch stay unprocessed; default 6. */
  readonly attempts: number
  /** Waits; tests hand in their own. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

export const defaultRetries: Retries = {
  attempts: 6,
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal })
  },
  random: Math.random,
}

const firstPause = 25

/** Exponential back-off with full jitter before attempt `attempt` (1 is the second one). Throws when the signal aborts meanwhile. */
export async function pause(retries: Retries, attempt: number, signal?: AbortSignal): Promise<void> {
  try {
    await retries.sleep(retries.random() * firstPause * 2 ** attempt, signal)
  } catch (error) {
    if (signal?.aborted) throw abortError(signal)
    throw error
  }
}

/** Sends with a bounded number of tries when another transaction is in the way; every error leaves as a coded one. */
export async function sendPatiently<Output>(
  send: (options: { abortSignal?: AbortSignal }) => Promise<Output>,
  retries: Retries,
  signal?: AbortSignal,
): Promise<Output> {
  throwIfAborted(signal)
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(defined({ abortSignal: signal }))
    } catch (error) {
      if (!isTransactionConflict(error)) throw dynamoDbError(error, signal)
      if (attempt >= retries.attempts) {
        throw new MmfError('database_unavailable', { detail: 'other transactions hold the row', cause: error })
      }
      await pause(retries, attempt, signal)
    }
  }
}
