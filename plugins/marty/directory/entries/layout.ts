import type { collections } from '../tables/pkd-public-keys.ts'

/** The directory tree of the ICAO PKD, most specific first; what comes after `dc=pkd` is the operator's own. */
export const icaoBase = 'dc=download,dc=pkd,dc=icao,dc=int'

/** Where the country is not known: a code that ISO 3166-1 leaves to its users, as the ICAO PKD uses it. */
export const nowhere = 'ZZ'

/** Conforming entries lie under `data`, the others under `nc-data`. */
export const branches = ['data', 'nc-data'] as const
export type Branch = (typeof branches)[number]

/** The branches of the layout before, under `dc=pkdDownload`; master lists had one of their own. */
export const oldBranches: ReadonlyMap<string, Branch> = new Map([
  ['data', 'data'],
  ['nc-data', 'nc-data'],
  ['cscamasterlist', 'data'],
])

export const branchOf: Readonly<Record<(typeof collections)[number], Branch>> = {
  '001': 'data',
  '002': 'data',
  '003': 'nc-data',
}

/** What an entry can hold: the attribute, and the organization under the country where it lies. */
export const contents = {
  usercertificate: { kind: 'certificate', attribute: 'userCertificate;binary' },
  cacertificate: { kind: 'certificate', attribute: 'cACertificate;binary' },
  certificaterevocationlist: { kind: 'crl', attribute: 'certificateRevocationList;binary' },
  pkdmasterlistcontent: { kind: 'masterList', attribute: 'pkdMasterListContent' },
  cscamasterlistdata: { kind: 'masterList', attribute: 'CscaMasterListData' },
} as const
export type ContentKind = (typeof contents)[keyof typeof contents]['kind']

/** Object classes of entries that only make up the tree. */
export const treeClasses: ReadonlySet<string> = new Set([
  'top',
  'domain',
  'dcobject',
  'country',
  'organization',
  'organizationalunit',
])

/** Object classes of entries with contents. */
export const entryClasses: ReadonlySet<string> = new Set([
  'pkddownload',
  'pkdmasterlist',
  // What the directory called it before, as its attribute CscaMasterListData shows.
  'cscamasterlist',
  'person',
  'organizationalperson',
  'inetorgperson',
  'crldistributionpoint',
])
