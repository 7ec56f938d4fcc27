import { defined } from '@mmf/framework'
import type { InputList, Refused } from './input-list.ts'
import type { Inputs } from './inputs.ts'

/** Refusals that are kept of one walk, characters of their texts, and addresses. */
const max = { refused: 50, text: 500, fetched: 100 } as const

interface WithFingerprint {
  readonly fingerprint: string
}

export function inputListOf(inputs: Omit<Inputs, 'list'>): InputList {
  const of = (items: readonly WithFingerprint[]) => items.map(({ fingerprint }) => fingerprint)
  const { targetRefused, fetched } = inputs
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
    }),
  }
}

function refusedOf({ anchorId, refusal, reason, generation, subject }: Refused): Refused {
  return { anchorId, refusal, reason: reason.slice(0, max.text), generation, subject: subject.slice(0, max.text) }
}

/** Every input as bytes under its hash. */
export function piecesOf({ intermediates, withheld, anchors, crls, ocspResponses }: Inputs): [string, Uint8Array][] {
  const all = [...intermediates, ...withheld, ...anchors, ...crls, ...ocspResponses]
  return all.map(({ fingerprint, der }) => [fingerprint, der])
}
