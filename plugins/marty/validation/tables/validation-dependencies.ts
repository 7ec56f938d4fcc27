import { table } from '@mmf/framework'
import * as z from 'zod'

/** What a certificate did for a verdict; `refused`: the trust store held it back. */
export const dependencyRoles = ['target', 'ca', 'anchor', 'crl_issuer', 'ocsp_responder', 'refused'] as const

/** From a certificate to each verdict that used it, so that a revocation finds what it touches. Written with the verdict. */
const DependencyRow = z.strictObject({
  /** SHA-256 of the certificate, lower-case hex, in one of its shards (`records/shards.ts`); in rows of earlier versions without a shard. */
  fingerprint: z.string(),
  validationId: z.string(),
  roles: z.array(z.enum(dependencyRoles)),
  principal: z.string(),
  valid: z.boolean(),
  /** Where the verdict's trust anchors came from; rows of version 0.2 and before do not say. */
  anchorsGeneration: z.optional(z.union([z.literal('request'), z.int()])),
  profile: z.string(),
  at: z.iso.datetime(),
  createdAt: z.iso.datetime(),
})
export type DependencyRow = z.output<typeof DependencyRow>
export type DependencyRole = (typeof dependencyRoles)[number]

export const validationDependencies = table({
  name: 'validation_dependencies',
  row: DependencyRow,
  partition: 'fingerprint',
  sort: 'validationId',
})
