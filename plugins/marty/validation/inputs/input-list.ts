import * as z from 'zod'
import { refusals } from '../../trust/store/issuer-walk.ts'
import { sha256Of } from './evidence-store.ts'
import { FetchNote } from './note.ts'

const hashes = z.array(z.string())

const Refused = z.strictObject({
  /** SHA-256 of the certificate that was held back. */
  anchorId: z.string(),
  refusal: z.enum([...refusals, 'revoked']),
  reason: z.string(),
  /** The generation of the trust store that this comes from; of a revocation the one in force. */
  generation: z.int(),
  subject: z.string(),
})

export type Refused = z.output<typeof Refused>

/** What a verdict was made from, by SHA-256, beside the certificate in question. Order counts: verdicts name evidence by position. */
export const InputList = z.strictObject({
  intermediates: hashes,
  /** Intermediates of the request that the trust store took out: no part of this verdict, and of another one if the trust returns. */
  withheld: hashes,
  anchors: hashes,
  crls: hashes,
  ocspResponses: hashes,
  refused: z.array(Refused),
  targetRefused: z.optional(Refused),
  /** Addresses that were asked for more, and what became of it. */
  fetched: z.optional(z.array(FetchNote)),
  /** The travel document that the certificate in question signed: its EF.SOD and the hashes of its data groups. */
  document: z.optional(z.string()),
})
export type InputList = z.output<typeof InputList>

/** The list as evidence: a JSON text under its own hash. */
export function sealInputList(list: InputList): { readonly sha256: string; readonly bytes: Uint8Array } {
  const bytes = Buffer.from(JSON.stringify(list))
  return { sha256: sha256Of(bytes), bytes }
}

export function openInputList(bytes: Uint8Array): InputList {
  return InputList.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()))
}
