import { trustStoreOf } from '../../trust/store/trust-store.ts'
import type { CscaCandidates, CscaSource } from '../entry/conformance.ts'
import type { PkdContext } from '../operation.ts'

/**
 * The CSCAs of the trust store, in the generation that is in force when first asked. What is found above a name is remembered: make one
 * for a request or a step of an import, not for longer.
 */
export function trustedCscas(context: PkdContext, signal: AbortSignal): CscaSource {
  const store = trustStoreOf(context, { signal })
  const known = new Map<string, CscaCandidates>()
  let generation: number | undefined
  return {
    async above(issuer, example) {
      const name = Buffer.from(issuer.raw).toString('latin1')
      const before = known.get(name)
      if (before !== undefined) return before
      generation ??= await store.currentGeneration()
      const time = context.clock.now()
      const found: CscaCandidates =
        example === undefined
          ? { anchors: await named(), links: [] }
          : await store
              .anchorsForIssuer({ target: example, purposes: ['csca'], generation, time })
              .then(({ anchors, intermediates }) => ({ anchors, links: intermediates }))
      if (example !== undefined) known.set(name, found)
      return found

      async function named(): Promise<readonly CscaCandidates['anchors'][number][]> {
        const entries = await store.bySubject(issuer, generation ?? 0)
        return entries.flatMap(({ certificate, row }) =>
          certificate !== undefined && row.status === 'trusted' && row.kind === 'anchor' ? [certificate] : [],
        )
      }
    },
  }
}
