import { isMmfError, MmfError } from '@mmf/framework'

/** A write that another request may overtake: the client may simply ask again. @throws {MmfError} `conflict`; what the write throws */
export async function orConflict(write: Promise<void>): Promise<void> {
  try {
    await write
  } catch (cause) {
    if (!isMmfError(cause, 'database_conflict')) throw cause
    throw new MmfError('conflict', { cause })
  }
}
