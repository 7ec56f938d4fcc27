import { generationDigits } from '../store/generation-digits.ts'
import { trustGenerations } from '../tables/trust-generations.ts'
import { trustState } from '../tables/trust-state.ts'
import type { ChangeBase, TrustWriterContext } from './change-plan.ts'

/** What a change on the generation in force would start from. */
export async function currentBase(context: TrustWriterContext, signal: AbortSignal): Promise<ChangeBase> {
  const state = await context.database.get(trustState, { store: 'trust' }, { signal })
  return baseAt(context, state?.current ?? 0, signal)
}

export async function baseAt(
  { database }: TrustWriterContext,
  generation: number,
  signal: AbortSignal,
): Promise<ChangeBase> {
  const key = { axis: 'number', position: generationDigits(generation) } as const
  const row = generation === 0 ? undefined : await database.get(trustGenerations, key, { signal })
  return { generation, regions: row?.regions ?? [], sources: row?.sources ?? [] }
}
