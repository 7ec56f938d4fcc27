import { isPkiError } from '../../layer/pki/src/errors.ts'
import { randomOf } from './random.ts'
import type { FuzzTarget } from './targets.ts'
import { elementsRead } from './work-count.ts'

/** What went wrong with one input, with all that is needed to see it again. */
export interface Crash {
  readonly target: string
  readonly seed: number
  readonly iteration: number
  readonly error: unknown
  readonly input: Uint8Array
}

// Elements read for an input of n octets; measured at 3 n for the worst honest one. More is work that grows faster than its input.
const workPerOctet = 40
const workFree = 20_000

/** Gives one input to a target. Undefined where only what it may throw came out and the work was in proportion. */
export function tryInput(target: FuzzTarget, input: Uint8Array): unknown {
  let error: unknown
  const work = elementsRead(() => {
    try {
      target.run(input)
    } catch (caught) {
      if (target.alwaysAnswers === true || !isPkiError(caught)) error = caught ?? new Error('threw nothing')
    }
  })
  if (error !== undefined) return error
  const limit = workFree + workPerOctet * input.length
  return work > limit ? new Error(`${work} elements read for ${input.length} octets, at most ${limit}`) : undefined
}

/** One iteration: the target that is due, an input, and what came of it. `before` sees the input first. */
export function runIteration(
  targets: readonly FuzzTarget[],
  seed: number,
  iteration: number,
  before: (target: FuzzTarget, input: Uint8Array) => void = () => {},
): Crash | undefined {
  const target = targets[iteration % targets.length]
  if (target === undefined) throw new RangeError('no targets')
  const input = target.generate(randomOf(seed, iteration))
  before(target, input)
  const error = tryInput(target, input)
  return error === undefined ? undefined : { target: target.name, seed, iteration, error, input }
}
