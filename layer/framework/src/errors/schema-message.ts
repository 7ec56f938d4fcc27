import type * as z from 'zod'

type Issue = z.core.$ZodRawIssue

/** Longest list of allowed values, and of forms of a union, that is spelled out. */
const maxListed = 50

/** Parameters of every parse whose findings are shown: words of the schema's author where there are some, else ours; never those of zod. */
export const ownWords = { error: allowed, reportInput: true } as const

/**
 * What is wrong with a value, of a parse with `ownWords`: what is allowed, and the kind and the number of items of what was received where that
 * helps. Never the value, and never the length of a text, which may be a secret.
 */
export function schemaMessage(issue: z.core.$ZodIssue): string {
  return `${issue.message}${received(issue)}`
}

function allowed(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kindNames[issue.expected] ?? `a ${issue.expected}`}`
    case 'invalid_value':
      return oneOf(issue.values)
    case 'too_small':
      return bound(issue, issue.minimum, 'at least', 'more than')
    case 'too_big':
      return bound(issue, issue.maximum, 'at most', 'less than')
    case 'invalid_format':
      return format(issue)
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'unrecognized_keys':
      return 'unknown field'
    case 'invalid_key':
      return 'is not allowed as a name'
    case 'invalid_union':
      return union(issue)
    default:
      return 'is not allowed'
  }
}

const kindNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  boolean: 'true or false',
  null: 'null',
  undefined: 'absent',
  never: 'absent',
  nonoptional: 'present',
}

function oneOf(values: readonly unknown[]): string {
  const listed = values.slice(0, maxListed).map(value => JSON.stringify(value))
  const more = values.length > maxListed ? ', …' : ''
  return `must be ${values.length === 1 ? '' : 'one of '}${listed.join(', ')}${more}`
}

interface Bound {
  readonly origin: string
  readonly inclusive?: boolean
  readonly exact?: boolean
}

function bound({ origin, inclusive, exact }: Bound, limit: number | bigint, within: string, beyond: string): string {
  const word = exact === true ? 'exactly' : inclusive === false ? beyond : within
  const [one, many] = countedNames[origin] ?? []
  return one === undefined
    ? `must be ${word} ${limit}`
    : `must have ${word} ${limit} ${Number(limit) === 1 ? one : many}`
}

const items = ['item', 'items'] as const
const countedNames: Readonly<Record<string, readonly [string, string]>> = {
  string: ['character', 'characters'],
  array: items,
  set: items,
}

function format(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  const { prefix, suffix, includes } = issue as { prefix?: string; suffix?: string; includes?: string }
  if (prefix !== undefined) return `must start with ${JSON.stringify(prefix)}`
  if (suffix !== undefined) return `must end with ${JSON.stringify(suffix)}`
  if (includes !== undefined) return `must contain ${JSON.stringify(includes)}`
  const known = formatNames[issue.format]
  if (known !== undefined) return `must be ${known}`
  return issue.pattern === undefined ? `must be a valid ${issue.format}` : `must match ${issue.pattern}`
}

const formatNames: Readonly<Record<string, string>> = {
  datetime: 'a time in UTC (RFC 3339), such as 2026-01-31T12:00:00Z',
  date: 'a date (RFC 3339), such as 2026-01-31',
  uuid: 'a UUID (RFC 9562)',
  url: 'a URL',
  email: 'an e-mail address',
  base64: 'base64 (RFC 4648 §4)',
}

/** What each form allows. A discriminator that is unknown leaves no forms, only the values that it may have. */
function union(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const { options } = issue as { options?: readonly unknown[] }
  if (options !== undefined && options.length > 0) return oneOf(options)
  if (issue.errors.length === 0) return 'must have exactly one of the allowed forms'
  const forms = issue.errors.map(form => form.slice(0, maxListed).map(inside).join(' and '))
  return [...new Set(forms)].slice(0, maxListed).join(', or ')
}

const inside = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.map(String).join('.')} ${message}`

function received(issue: z.core.$ZodIssue): string {
  const { code, input } = issue
  if (code === 'invalid_type') return `, received ${kindOf(input)}`
  if (code === 'invalid_value') return typeof input === 'string' ? '' : `, received ${kindOf(input)}`
  if (code === 'invalid_union') return issue.errors.length === 0 ? '' : `, received ${kindOf(input)}`
  return (code === 'too_small' || code === 'too_big') && Array.isArray(input) ? `, received ${kindOf(input)}` : ''
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'number') return Number.isFinite(value) && !Number.isInteger(value) ? 'a fraction' : 'a number'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
