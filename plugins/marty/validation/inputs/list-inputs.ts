import { defined } from '@mmf/framework'
import { sealDocument } from '../documents/document-input.ts'
import type { InputList, Refused } from './input-list.ts'
import type { Inputs } from './inputs.ts'

/** Refusals that are kept of one walk, characters of their texts, and addresses. */
const max = { refused: 50, text: 500, fetched: 100 } as const

interface WithFingerprint {
  readonly fingerprint: string
}

export function inputListOf(inputs: Omit<Inputs, 'list'>): InputList {
  const of = (items: readonly WithFingerprint[]) => items.map(({ fingerprint }) => fingerprint)
  const { targetRefused, fetched, document } = inputs
  return {
    intermediates: of(inputs.intermediates),
    withheld: of(inputs.withheld),
    anchors: of(inputs.anchors),
    crls: of(inputs.crls),
    ocspResponses: of(inputs.ocspResponses),
    refused: inputs.refused.slice(0, max.refused).map(refusedOf),
    ...defined({
      targetRefused: targetRefused && refusedOf(targetRefused),
      fetched: fetched?.slice(0, max.fetched),
      document: document && sealDocument(document).sha256,
    }),
  }
}

function refusedOf({ anchorId, refusal, reason, generation, subject }: Refused): Refused {
  return { anchorId, refusal, reason: reason.slice(0, max.text), generation, subject: subject.slice(0, max.text) }
}

/** Every input as bytes under its hash. */
export function piecesOf(inputs: Inputs): [string, Uint8Array][] {
  const { intermediates, withheld, anchors, crls, ocspResponses, document } = inputs
  const all = [...intermediates, ...withheld, ...anchors, ...crls, ...ocspResponses]
  const pieces = all.map(({ fingerprint, der }): [string, Uint8Array] => [fingerprint, der])
  if (document === undefined) return pieces
  const { sha256, bytes } = sealDocument(document)
  return [...pieces, [sha256, bytes]]
}
