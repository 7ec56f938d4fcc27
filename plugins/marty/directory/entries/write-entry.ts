import { createHash } from 'node:crypto'
import { type LdifValue, ldifVersion, writeLdifRecord } from '../ldif/write-ldif.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'
import { branchOf, type ContentKind, icaoBase, nowhere } from './layout.ts'

/** What an entry is written from. */
export interface EntryToWrite {
  readonly kind: ContentKind
  readonly content: Uint8Array
  /** Default 001, of a master list 002. */
  readonly collection?: PublicKeyRow['collection']
  readonly country?: string | undefined
  /** As it was imported; default one made of the fingerprint. */
  readonly dn?: string | undefined
  readonly serialNumber?: string | undefined
  readonly pkdVersion?: string | undefined
  readonly pkdConformanceCode?: string | undefined
  readonly pkdConformanceText?: string | undefined
}

/** The attribute, the organization under the country, and the object classes, by what the entry holds. */
const forms = {
  certificate: {
    attribute: 'userCertificate;binary',
    organization: 'dsc',
    classes: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'pkdDownload'],
  },
  crl: {
    attribute: 'certificateRevocationList;binary',
    organization: 'crl',
    classes: ['top', 'cRLDistributionPoint', 'pkdDownload'],
  },
  masterList: {
    attribute: 'pkdMasterListContent',
    organization: 'ml',
    classes: ['top', 'person', 'pkdMasterList', 'pkdDownload'],
  },
} as const

/** A whole file of entries. */
export const ldifOf = (entries: readonly EntryToWrite[]): string => ldifVersion + entries.map(writeEntry).join('')

/** The name of an entry that came without one: the hash of its contents. */
function defaultName(
  kind: ContentKind,
  content: Uint8Array,
  {
    collection,
    country = nowhere,
  }: { readonly collection: PublicKeyRow['collection']; readonly country?: string | undefined },
): string {
  const hash = createHash('sha256').update(content).digest('hex')
  return `cn=${hash},o=${forms[kind].organization},c=${country},dc=${branchOf[collection]},${icaoBase}`
}

/** One record in the layout of the ICAO PKD. */
export function writeEntry(entry: EntryToWrite): string {
  const { kind, content, country, serialNumber = '1' } = entry
  const { attribute, classes } = forms[kind]
  const collection = entry.collection ?? (kind === 'masterList' ? '002' : '001')
  const dn = entry.dn ?? defaultName(kind, content, { collection, country })
  const said = (['pkdVersion', 'pkdConformanceCode', 'pkdConformanceText'] as const).flatMap(field => {
    const value = entry[field]
    return value === undefined ? [] : [[field, value] as const]
  })
  const surname: readonly LdifValue[] = kind === 'crl' ? [] : [['sn', serialNumber]]
  return writeLdifRecord(dn, [
    ...classes.map(value => ['objectClass', value] as const),
    ['cn', createHash('sha256').update(content).digest('hex')],
    ...surname,
    ...said,
    [attribute, content],
  ])
}
