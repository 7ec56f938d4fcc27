import { type Call, type EventDefinition, eventHandler, eventInput, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { certificateRevoked } from '../../trust/events/certificate-revoked.ts'
import { trustAnchorDistrusted } from '../../trust/events/trust-anchor-distrusted.ts'
import { trustAnchorRestored } from '../../trust/events/trust-anchor-restored.ts'
import { masterListUpdated } from '../../trust/events/trust-master-list-updated.ts'
import { keyHashOf } from '../../trust/store/certificate-facts.ts'
import { trustStoreOf } from '../../trust/store/trust-store.ts'
import { revalidationContinued } from '../events/revalidation-continued.ts'
import { operation, type ValidationContext } from '../operation.ts'
import type { ChangeRow } from '../tables/validation-changes.ts'
import { revalidate } from './revalidate.ts'

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

const retryAttempts = 10

/** An operation that begins a revalidation when an event is delivered. The names `revisit_…` are those of queues and subscriptions, and stay. */
function beginning<Data>(
  name: string,
  event: EventDefinition<ChangeRow['cause'], Data>,
  fingerprintsOf: (data: Data, environment: Environment) => Promise<readonly string[]> | readonly string[],
) {
  return operation({
    name,
    description: `Looks at the stored verdicts again that ${event.name} is about.`,
    input: eventInput(event),
    output: z.undefined(),
    concerns: [
      eventHandler({ eventType: event.name, retryAttempts, asyncProcessing: true }),
      traceOperation({ operationName: name }),
    ],
    async run({ id, data }, { context, call }) {
      const fingerprints = await fingerprintsOf(data as Data, { context, call })
      await revalidate({ revisitId: id, step: 0, cause: event.name, fingerprints }, { context, call })
      return undefined
    },
  })
}

export const revalidateAfterRevocation = beginning(
  'revisit_after_revocation',
  certificateRevoked,
  ({ fingerprint }) => [fingerprint],
)

export const revalidateAfterDistrust = beginning('revisit_after_distrust', trustAnchorDistrusted, sameEntity)

export const revalidateAfterRestoration = beginning('revisit_after_restoration', trustAnchorRestored, sameEntity)

export const revalidateAfterMasterList = beginning('revisit_after_master_list', masterListUpdated, ({ ended }) => ended)

/** Distrust is about an entity: every certificate of the store with the same name and key is concerned. */
async function sameEntity(
  { anchorId, generation }: { readonly anchorId: string; readonly generation: number },
  { context, call }: Environment,
): Promise<readonly string[]> {
  const store = trustStoreOf(context, { signal: call.signal })
  const certificate = (await store.byFingerprint(anchorId, generation))?.certificate
  if (certificate === undefined) return [anchorId]
  const key = keyHashOf(certificate)
  const others = await store.bySubject(certificate.subject, generation)
  const same = others.filter(({ row }) => row.keyHash === key).map(({ row }) => row.fingerprint)
  return [...new Set([anchorId, ...same])]
}

export const continueRevalidation = operation({
  name: 'continue_revisit',
  description: 'Looks at the next stored verdicts again.',
  input: eventInput(revalidationContinued),
  output: z.undefined(),
  concerns: [
    eventHandler({ eventType: 'validation_revisit_continued', retryAttempts, asyncProcessing: true }),
    traceOperation({ operationName: 'continue_revisit' }),
  ],
  async run({ data }, { context, call }) {
    await revalidate(data, { context, call })
    return undefined
  },
})
