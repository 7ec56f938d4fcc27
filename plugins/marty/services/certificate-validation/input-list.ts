import * as z from 'zod'
import { sha256Of } from './evidence-store.ts'
import type { Inputs } from './inputs.ts'

const hashes = z.array(z.string())

/** What a verdict was made from, by SHA-256, beside the certificate in question. Order counts: verdicts name evidence by position. */
export const InputList = z.strictObject({
  intermediates: hashes,
  anchors: hashes,
  crls: hashes,
  ocspResponses: hashes,
})
export type InputList = z.output<typeof InputList>

interface WithFingerprint {
  readonly fingerprint: string
}

export function inputListOf({ intermediates, anchors, crls, ocspResponses }: Inputs): InputList {
  const of = (items: readonly WithFingerprint[]) => items.map(({ fingerprint }) => fingerprint)
  return { intermediates: of(intermediates), anchors: of(anchors), crls: of(crls), ocspResponses: of(ocspResponses) }
}

/** The list as evidence: a JSON text under its own hash. */
export function sealInputList(list: InputList): { readonly sha256: string; readonly bytes: Uint8Array } {
  const bytes = Buffer.from(JSON.stringify(list))
  return { sha256: sha256Of(bytes), bytes }
}

export function openInputList(bytes: Uint8Array): InputList {
  return InputList.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()))
}

/** Every input as bytes under its hash. */
export function piecesOf({ intermediates, anchors, crls, ocspResponses }: Inputs): readonly [string, Uint8Array][] {
  return [...intermediates, ...anchors, ...crls, ...ocspResponses].map(({ fingerprint, der }) => [fingerprint, der])
}
