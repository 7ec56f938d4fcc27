import { MmfError } from '../errors/mmf-error.ts'

const json = 'application/json'

interface Range {
  readonly type: string
  readonly q: number
  /** Where it stands in the header. */
  readonly position: number
}

/** A weight has at most three decimals (RFC 9110 §12.4.2). What is no weight counts as none wanted. */
const weightForm = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** Split at commas and semicolons that are not in quotes. */
const elements = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g
const parts = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g

function rangeOf(element: string, position: number): Range {
  const [type = '', ...parameters] = (element.match(parts) ?? []).map(part => part.trim().toLowerCase())
  const weight = parameters.find(parameter => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '')
  return { type, q: weight === undefined ? 1 : weightForm.test(weight) ? Number(weight) : 0, position }
}

/** 3 for the type itself, 2 for `type/*`, 1 for any, 0 for another one. */
function specificity(range: string, type: string): number {
  if (range === type) return 3
  if (range === '*/*') return 1
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0
}

/**
 * The media type to answer with (RFC 9110 §12.5.1), among JSON and the alternatives. Of the ranges that fit a type, the most specific gives its weight;
 * a weight of 0 excludes it. Of several types with the highest weight, the one that is named most exactly, then first, then the `preferred` one.
 * Parameters of a range other than its weight are not looked at.
 * @throws {MmfError} `not_acceptable`
 */
export function negotiate(accept: string | undefined, alternatives: readonly string[], preferred = json): string {
  if (accept === undefined || accept.trim() === '') return preferred
  const offered = [preferred, ...[json, ...alternatives].filter(type => type !== preferred)]
  const ranges = (accept.match(elements) ?? []).map(rangeOf)
  const candidates = offered.flatMap(type => {
    const fitting = ranges
      .map(range => ({ ...range, exactness: specificity(range.type, type) }))
      .filter(({ exactness }) => exactness > 0)
      .sort((a, b) => b.exactness - a.exactness || a.position - b.position)
    const [best] = fitting
    return best === undefined || best.q === 0 ? [] : [{ ...best, offer: type }]
  })
  candidates.sort((a, b) => b.q - a.q || b.exactness - a.exactness || a.position - b.position)
  const [chosen] = candidates
  if (chosen === undefined) throw new MmfError('not_acceptable', { detail: `offered: ${offered.join(', ')}` })
  return chosen.offer
}
