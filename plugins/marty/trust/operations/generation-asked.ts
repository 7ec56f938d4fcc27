import type { TrustStore } from '../store/trust-store.ts'

/** The generation that a reader means: the one in force, or the one in force at a moment. */
export const generationAsked = (store: TrustStore, asOf: string | undefined): Promise<number> =>
  asOf === undefined ? store.currentGeneration() : store.generationAt(new Date(asOf))
