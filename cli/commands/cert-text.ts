import { printable } from '../printable.ts'
import type { Plain } from './cert-values.ts'

/** Plain data as indented lines: `name  value`, values of a group aligned. */
export function plainText(value: Plain, indent = ''): readonly string[] {
  if (!isGroup(value)) return [`${indent}${scalar(value)}`]
  return isList(value) ? value.flatMap(element => listElement(element, indent)) : fields(value, indent)
}

type Group = Exclude<Plain, string | number | boolean | null>

const isList = (value: Group): value is readonly Plain[] => Array.isArray(value)

/** Characters of a list that still stand on the line of its name. */
const shortList = 100

/** What is shown on lines of its own; an empty group or a short list is a word like any other. */
function isGroup(value: Plain): value is Group {
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) return false
  return !isList(value) || value.some(isObject) || value.join(', ').length > shortList
}

const isObject = (value: Plain): boolean => value !== null && typeof value === 'object'

function scalar(value: Plain): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null) return ''
  if (typeof value !== 'object') return printable(String(value))
  return isList(value) && value.length > 0 ? value.map(scalar).join(', ') : 'none'
}

function listElement(element: Plain, indent: string): readonly string[] {
  const [first = '', ...rest] = plainText(element, `${indent}  `)
  return [`${indent}- ${first.trimStart()}`, ...rest]
}

function fields(record: Exclude<Group, readonly Plain[]>, indent: string): readonly string[] {
  const entries = Object.entries(record)
  const width = Math.max(0, ...entries.map(([name, value]) => (isGroup(value) ? 0 : printable(name).length)))
  return entries.flatMap(([name, value]) => {
    const label = printable(name)
    if (isGroup(value)) return [`${indent}${label}`, ...plainText(value, `${indent}  `)]
    return [`${indent}${label.padEnd(width)}  ${scalar(value)}`.trimEnd()]
  })
}
