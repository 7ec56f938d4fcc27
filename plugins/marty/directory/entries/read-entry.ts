import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import { NameSyntaxError, parseDistinguishedName, type TextName } from '../../certificates/names/distinguished-name.ts'
import { EntryRefused } from '../entry/entry-refused.ts'
import type { LdifAttribute, LdifRecord } from '../ldif/ldif-item.ts'
import {
  type Branch,
  branches,
  type ContentKind,
  contents,
  entryClasses,
  nowhere,
  oldBranches,
  treeClasses,
} from './layout.ts'

/** What an entry of the ICAO PKD says. */
export interface PkdEntry {
  readonly kind: ContentKind
  /** DER, not parsed yet. */
  readonly content: Uint8Array
  readonly branch: Branch
  /** Absent where it is the one that `defaultName` makes: it says nothing that the contents do not say. */
  readonly dn?: string
  /** No directory had it: its name is the default one, and of no country. */
  readonly alone: boolean
  /** Of the name, upper case. */
  readonly country?: string
  readonly pkdVersion?: string
  readonly pkdConformanceCode?: string
  readonly pkdConformanceText?: string
}

const maxTextLength = 1024

/**
 * Reads a record in the layout of the ICAO PKD; undefined for one that only makes up the tree.
 * @throws {EntryRefused}
 */
export function readEntry(record: LdifRecord): PkdEntry | undefined {
  const classes = record.attributes.filter(({ name }) => name === 'objectclass').map(a => text(a).toLowerCase())
  if (classes.length === 0) throw new EntryRefused('object_class_missing')
  const unknown = classes.find(name => !treeClasses.has(name) && !entryClasses.has(name))
  if (unknown !== undefined) throw new EntryRefused('object_class_unknown', `objectClass ${unknown.slice(0, 64)}`)
  const { branch, country } = place(record.dn)
  if (classes.every(name => treeClasses.has(name)) && contentsOf(record).length === 0) return undefined
  if (branch === undefined) {
    throw new EntryRefused('dn_outside_directory')
  }
  const found = contentsOf(record)
  const [content] = found
  if (content === undefined) throw new EntryRefused('content_missing')
  if (found.length > 1) throw new EntryRefused('content_repeated', `${found.length} contents in one entry`)
  const unnamed = isDefaultName(record.dn, content.value)
  return {
    kind: contents[content.name as keyof typeof contents].kind,
    content: content.value,
    branch,
    ...(unnamed ? {} : { dn: record.dn }),
    alone: unnamed && country === undefined,
    ...defined({ country }),
    ...single(record, 'pkdVersion'),
    ...single(record, 'pkdConformanceCode'),
    ...single(record, 'pkdConformanceText'),
  }
}

const isDefaultName = (dn: string, content: Uint8Array): boolean =>
  dn.startsWith(`cn=${createHash('sha256').update(content).digest('hex')},o=`)

const contentsOf = ({ attributes }: LdifRecord): readonly LdifAttribute[] =>
  attributes.filter(({ name }) => Object.hasOwn(contents, name))

/** Branch and country of a name: `…,c=XX,dc=data,dc=download,dc=pkd,…`, or before that layout `…,c=XX,dc=data,dc=pkdDownload`. */
function place(dn: string): { readonly branch?: Branch; readonly country?: string } {
  const rdns = parsed(dn)
  const only = (index: number, type: string) => {
    const [attribute, ...others] = rdns[index] ?? []
    return others.length === 0 && attribute?.type.toLowerCase() === type ? attribute.value.toLowerCase() : undefined
  }
  const branchAt = (i: number): Branch | undefined => {
    const name = only(i, 'dc')
    if (only(i + 1, 'dc') === 'pkddownload') return oldBranches.get(name ?? '')
    if (only(i + 1, 'dc') !== 'download' || only(i + 2, 'dc') !== 'pkd') return undefined
    return branches.find(branch => branch === name)
  }
  const at = rdns.findIndex((_rdn, i) => branchAt(i) !== undefined)
  const branch = branchAt(at)
  const named = only(at - 1, 'c')?.toUpperCase()
  const country = named === nowhere ? undefined : named
  return { ...defined({ branch, country }) }
}

function parsed(dn: string): TextName {
  try {
    return parseDistinguishedName(dn)
  } catch (cause) {
    if (!(cause instanceof NameSyntaxError)) throw cause
    throw new EntryRefused('dn_malformed', cause.message)
  }
}

type Said = 'pkdVersion' | 'pkdConformanceCode' | 'pkdConformanceText'

function single<N extends Said>(record: LdifRecord, name: N): { readonly [K in N]?: string } {
  const values = record.attributes.filter(attribute => attribute.name === name.toLowerCase()).map(text)
  if (values.length === 0) return {}
  return { [name]: values.join(' | ').slice(0, maxTextLength) } as { readonly [K in N]?: string }
}

function text({ name, value }: LdifAttribute): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value.subarray(0, 4 * maxTextLength))
  } catch {
    throw new EntryRefused('attribute_malformed', `${name} is no UTF-8 text`)
  }
}
