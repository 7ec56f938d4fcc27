import { documentSigner } from '@marty/plugin/document-signer'
import { calls, publishes, type ScopedContext, writes } from '@mmf/framework'
import { checkpointSigned } from './checkpoint-signed.ts'
import type { NotaryConfig } from './config.ts'
import { checkpoints, entries, heads, nodes, submissions } from './tables/log.ts'

export const { signDocument } = documentSigner.operations

export const scope = {
  tables: [writes(heads), writes(entries), writes(nodes), writes(submissions), writes(checkpoints)],
  events: [publishes(checkpointSigned)],
  calls: [calls(signDocument, 'marty')],
} as const

export type NotaryContext = ScopedContext<NotaryConfig, typeof scope>

/** There is one list for each deployment. */
export const log = 'default'
