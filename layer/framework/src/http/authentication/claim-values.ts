import type { ClaimDemand, ClaimForm, ClaimSource } from '../../config/issuer-presets.ts'
import { tokenError } from './bearer-token.ts'

export type Claims = Readonly<Record<string, unknown>>

/**
 * The texts that stand at `source.path`, `undefined` when nothing does.
 * @throws {MmfError} `token_claim_invalid` for a value of another form, also on the way there: what cannot be read is not skipped
 */
export function textsAt(claims: Claims, source: ClaimSource): readonly string[] | undefined {
  const value = valueAt(claims, source.path)
  if (value === undefined) return undefined
  const texts = readers[source.form](value)
  if (texts === undefined) throw wrong(source.path, expected[source.form])
  return texts
}

/** The value at a path of members; `undefined` when one of them is absent. @throws {MmfError} `token_claim_invalid` */
export function valueAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims
  for (const [depth, step] of path.entries()) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(path.slice(0, depth), 'an object is expected')
    }
    // Members that every object has by birth, `constructor` among them, are no claims.
    value = Object.hasOwn(value, step) ? (value as Claims)[step] : undefined
    if (value === undefined) return undefined
  }
  return value
}

/** Whether a demand is met by each claim that it names and the token has, and by one at least. */
export function checkDemand(claims: Claims, { anyOf, values }: ClaimDemand): void {
  const there = anyOf.filter(name => valueAt(claims, [name]) !== undefined)
  if (there.length === 0) throw wrong([anyOf.join(' or ')], 'it is required')
  for (const name of there) {
    const value = valueAt(claims, [name])
    if (typeof value !== 'string' || value === '') throw wrong([name], 'a text is expected')
    if (values !== undefined && !values.includes(value)) throw wrong([name], 'it has another value than is required')
  }
}

/** `token_claim_invalid` for the claim at a path. Its value is never in the error. */
export function wrong(path: readonly string[], detail: string) {
  const claim = path.join('.')
  return tokenError('token_claim_invalid', `${claim}: ${detail}`, { claim })
}

type Reader = (value: unknown) => readonly string[] | undefined

const readList: Reader = value =>
  Array.isArray(value) && value.every(entry => typeof entry === 'string') ? value : undefined
const readText: Reader = value => (typeof value === 'string' ? [value] : undefined)
const readWords: Reader = value => (typeof value === 'string' ? value.split(' ').filter(Boolean) : undefined)

const readers: Readonly<Record<ClaimForm, Reader>> = {
  list: readList,
  text: readText,
  words: readWords,
  'list-or-text': value => readList(value) ?? readText(value),
  'list-or-words': value => readList(value) ?? readWords(value),
}

const expected: Readonly<Record<ClaimForm, string>> = {
  list: 'a list of strings is expected',
  text: 'a string is expected',
  words: 'a string is expected',
  'list-or-text': 'a string or a list of strings is expected',
  'list-or-words': 'a string or a list of strings is expected',
}
