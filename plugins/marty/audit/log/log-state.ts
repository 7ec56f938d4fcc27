import { put, type RowOf, unlessConflict, update, type Write } from '@mmf/framework'
import type { AuditContext } from '../operation.ts'
import { auditLogState, log } from './tables.ts'

export type LogState = Omit<RowOf<typeof auditLogState>, 'log'>

/** The state of the log; `isNew` before its first leaf. */
export interface ReadState extends LogState {
  readonly isNew: boolean
}

export async function readState({ database }: Pick<AuditContext, 'database'>, signal: AbortSignal): Promise<ReadState> {
  const row = await database.get(auditLogState, { log }, { signal })
  return row === undefined ? { size: 0, published: 0, isNew: true } : { ...row, isNew: false }
}

/** Changes the state where it is still the one that was read, in these columns: of two processes that go on from it, one does. */
export function fromState(
  state: ReadState,
  changes: Partial<LogState>,
  unchanged: readonly (keyof LogState)[],
): Write<typeof auditLogState> {
  const { size, published } = state
  if (state.isNew) return put(auditLogState, { log, size, published, ...changes }, { when: 'absent' })
  const when = Object.fromEntries(unchanged.map(name => [name, state[name] ?? { exists: false }]))
  return update(auditLogState, { log }, changes, { when })
}

/** @returns whether the state was still the one that was read */
export async function changeState(
  { database }: Pick<AuditContext, 'database'>,
  write: Write<typeof auditLogState>,
  signal: AbortSignal,
): Promise<boolean> {
  return unlessConflict(database.write(write, { signal }))
}
