import { type Call, insert, isMmfError, type PlatformWrite, type Write } from '@mmf/framework'
import type { ValidationContext } from '../operation.ts'
import { revalidationSteps } from '../tables/revalidation-steps.ts'
import type { validationChanges } from '../tables/validation-changes.ts'

/** How long a step is remembered: longer than any delivery is repeated. */
const rememberedSeconds = 30 * 86_400

export type StepWrite = PlatformWrite | Write<typeof validationChanges>

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

/**
 * Does a step once, however often its event is delivered: the row that remembers it goes into one transaction with the writes of the step. A step
 * that is done already is not planned; one that another delivery does at the same time has no second effect.
 * @throws {MmfError} `database_conflict` where the condition of another write does not hold; what `plan` and the database throw
 */
export async function deliverOnce(
  { revisitId, step }: { readonly revisitId: string; readonly step: number },
  { context: { database, clock }, call: { signal } }: Environment,
  plan: () => Promise<readonly StepWrite[]>,
): Promise<void> {
  const isDone = async () => (await database.get(revalidationSteps, { revisitId, step }, { signal })) !== undefined
  if (await isDone()) return
  const writes = await plan()
  const expiresAt = Math.floor(clock.now().getTime() / 1000) + rememberedSeconds
  try {
    await database.transaction([insert(revalidationSteps, { revisitId, step, expiresAt }), ...writes], { signal })
  } catch (error) {
    if (!isMmfError(error, 'database_conflict') || !(await isDone())) throw error
  }
}
