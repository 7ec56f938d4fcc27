export interface Backoff {
  /** Longest wait before the second attempt, in milliseconds. */
  readonly base: number
  /** Longest wait at all, in milliseconds. */
  readonly cap: number
}

/**
 * Exponential back-off with full jitter: somewhere between 0 and `base · 2^(attempt − 1)`, at most `cap`. `attempt` is the one that failed, from 1.
 */
export function backoff({ base, cap }: Backoff, attempt: number, random: () => number): number {
  return random() * Math.min(cap, base * 2 ** (attempt - 1))
}
