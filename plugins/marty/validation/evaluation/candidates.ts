import { type Call, defined, MmfError } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import type { DocumentInput } from '../documents/document-input.ts'
import { slices } from '../inputs/evidence-store.ts'
import type { Helpers, Inputs } from '../inputs/inputs.ts'
import { inputListOf } from '../inputs/list-inputs.ts'
import type { Candidate } from './evaluate.ts'
import type { Trust } from './trust.ts'

/** A certificate in question as it was read: bytes where it could not be. */
export interface Target {
  readonly target: Certificate | Uint8Array
  /** Certificates that came in the same text. */
  readonly others: readonly Certificate[]
  /** The travel document that it signed, where that is what is in question. */
  readonly document?: DocumentInput | undefined
}

/** Questions to the trust store at the same time. */
const atOnce = 16

/**
 * Joins each certificate with the anchors and helpers it is judged by. Certificates with the same inputs share one object, so that all that is
 * derived from inputs is derived once.
 */
export async function candidatesOf(
  targets: readonly Target[],
  helpers: Helpers,
  trust: Trust,
  { signal }: Call,
): Promise<readonly Candidate[]> {
  const shared = new Map<string, Inputs>()
  const candidates: Candidate[] = []
  for (const some of slices(targets, atOnce)) {
    if (signal.aborted) throw new MmfError('deadline_exceeded')
    const inputs = await Promise.all(some.map(target => inputsFor(target, helpers, trust)))
    for (const [index, { target }] of some.entries()) {
      const own = inputs[index]
      if (own === undefined) continue
      const key = JSON.stringify(own.list)
      const same = shared.get(key) ?? own
      shared.set(key, same)
      candidates.push({ target, inputs: same })
    }
    await new Promise(resume => setImmediate(resume))
  }
  return candidates
}

/** The inputs of one certificate, as this trust has it. */
export async function inputsFor({ target, others, document }: Target, helpers: Helpers, trust: Trust): Promise<Inputs> {
  const given = withOthers(others, helpers.intermediates)
  const readable = target instanceof Uint8Array ? undefined : target
  const { anchors, intermediates, refused, targetRefused } = await trust.candidates(readable, given)
  const kept = new Set(intermediates)
  const inputs = {
    ...helpers,
    intermediates,
    withheld: given.filter(certificate => !kept.has(certificate)),
    anchors,
    anchorsGeneration: trust.generation,
    refused,
    ...defined({ targetRefused, document }),
  }
  return { ...inputs, list: inputListOf(inputs) }
}

function withOthers(others: readonly Certificate[], shared: readonly Certificate[]): readonly Certificate[] {
  if (others.length === 0) return shared
  return [...new Map([...others, ...shared].map(certificate => [certificate.fingerprint, certificate])).values()]
}
