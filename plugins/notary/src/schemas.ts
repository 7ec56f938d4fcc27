import { base64, integerText } from '@mmf/framework'
import * as z from 'zod'

const hash = z.string().meta({ description: 'SHA-256, lower-case hex' })

export const AppendRequest = z.strictObject({
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: 'the SHA-256 digest of the document, lower-case hex' }),
  /** No line breaks: it is a line of the leaf. */
  label: z.optional(
    z
      .string()
      .max(200)
      .regex(/^\P{C}*$/u)
      .meta({ description: 'any text without control characters; every reader sees it' }),
  ),
})

export const Entry = z.strictObject({
  index: z.int().gte(0),
  digest: hash,
  label: z.optional(z.string()),
  time: z.iso.datetime(),
  /** SHA-256 of the byte 0 and of the leaf: `digest`, `time`, `label`, each with a line feed after it. */
  leafHash: hash,
})
export type Entry = z.output<typeof Entry>

export const Checkpoint = z.strictObject({
  size: z.int().gte(1),
  rootHash: hash,
  time: z.iso.datetime(),
  /** What is signed: origin, size, root (hex), time, each with a line feed after it. */
  text: z.string(),
  signature: base64({ description: 'over `text` in UTF-8, canonical base64' }),
  algorithm: z.string(),
  keyId: z.string(),
  keyVersion: z.int().gte(1),
  signatureId: z.string(),
})
export type Checkpoint = z.output<typeof Checkpoint>

export const ProvenEntry = z.strictObject({
  entry: Entry,
  /** Absent until a checkpoint covers the entry. */
  inclusion: z.optional(z.strictObject({ proof: z.array(hash), checkpoint: Checkpoint })),
})

const integer = integerText({ min: 0, max: Number.MAX_SAFE_INTEGER })
export const EntryReference = z.strictObject({ index: integer })

export const ListCheckpoints = z.strictObject({
  limit: z.optional(integerText({ min: 1, max: 100 })),
  cursor: z.optional(z.string().max(2048)),
})
export const CheckpointPage = z.strictObject({ checkpoints: z.array(Checkpoint), cursor: z.optional(z.string()) })
