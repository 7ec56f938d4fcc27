import type { Explanation, ReportedVerdict } from './explain-verdict.ts'

/** Explains a verdict in plain English. The texts are loaded when they are asked for. */
export async function explainVerdict(verdict: ReportedVerdict): Promise<Explanation> {
  const { explanationOf } = await import('./explain-verdict.ts')
  return explanationOf(verdict)
}
