import { isMmfError } from '../errors/mmf-error.ts'

/**
 * Whether this write took place: false when a condition of it does not hold (`database_conflict`), so that nothing of it was written. Of several
 * runs that do the same work with the same condition, exactly one gets true.
 * @throws what the write throws, other than `database_conflict`
 */
export async function unlessConflict(write: Promise<void>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (isMmfError(error, 'database_conflict')) return false
    throw error
  }
}
