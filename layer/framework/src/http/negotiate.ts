import { MmfError } from '../errors/mmf-error.ts'

const json = 'application/json'

function quality(entry: string): { type: string; q: number } {
  const [type = '', ...parameters] = entry.split(';').map(part => part.trim().toLowerCase())
  const q = parameters.find(parameter => parameter.startsWith('q='))
  const value = q === undefined ? 1 : Number(q.slice(2))
  return { type, q: Number.isFinite(value) ? value : 0 }
}

/**
 * The media type to answer with (RFC 9110 §12.5.1): the best of `Accept` among JSON and the alternatives; `preferred` where the client
 * does not mind.
 * @throws {MmfError} `not_acceptable`
 */
export function negotiate(accept: string | undefined, alternatives: readonly string[], preferred = json): string {
  if (accept === undefined || accept.trim() === '') return preferred
  const offered = [preferred, ...[json, ...alternatives].filter(type => type !== preferred)]
  const ranges = accept
    .slice(0, 1024)
    .split(',')
    .map(quality)
    .filter(range => range.q > 0)
  ranges.sort((a, b) => b.q - a.q)
  for (const { type } of ranges) {
    const chosen = offered.find(
      o => type === '*/*' || type === o || (type.endsWith('/*') && o.startsWith(type.slice(0, -1))),
    )
    if (chosen !== undefined) return chosen
  }
  throw new MmfError('not_acceptable', { detail: `offered: ${offered.join(', ')}` })
}
