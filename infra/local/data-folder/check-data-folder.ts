import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MmfError } from '@mmf/framework'
import type { KeyCatalogueRow } from '@mmf/framework/embedded'
import { dataFolderUnusable } from './data-folder-error.ts'

/** There from the first start until it is complete: what a first start that was cut off left behind never served anybody. */
const marker = 'first-start'

/** What lies in a data folder before anything of it was opened. */
export interface FolderContents {
  /** The first start, or one after a first start that was cut off. */
  readonly isFirstStart: boolean
  /** Names of the sealed keys: SHA-256 of their public keys, in hex. */
  readonly keyFiles: readonly string[]
}

/**
 * Looks at a data folder before it is opened, so that nothing new is made beside what is left of the old. A first start is noted in it.
 * @throws {MmfError} `data_folder_incomplete`: keys or content without a database, or keys without their `store.json`
 */
export function checkContents(directory: string): FolderContents {
  const contents = contentsOf(directory)
  if (contents.isFirstStart) writeFileSync(join(directory, marker), '', { mode: 0o600 })
  return contents
}

/** The same, and nothing is written. @throws {MmfError} `data_folder_incomplete` */
export function contentsOf(directory: string): FolderContents {
  const keyFiles = namesIn(join(directory, 'keys')).flatMap(name => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? [])
  const isUnfinished = existsSync(join(directory, marker))
  if (isUnfinished) return { isFirstStart: true, keyFiles }
  const hasDatabase = (statSync(join(directory, 'data.sqlite'), { throwIfNoEntry: false })?.size ?? 0) > 0
  if (hasDatabase) {
    if (keyFiles.length > 0 && !existsSync(join(directory, 'keys/store.json'))) {
      throw incomplete(directory, `keys/store.json is missing, without which its ${keyFiles.length} keys do not open`)
    }
    return { isFirstStart: false, keyFiles }
  }
  const left = [
    ...(keyFiles.length > 0 ? [`${keyFiles.length} keys`] : []),
    ...(namesIn(join(directory, 'blobs/entries')).length > 0 ? ['stored content'] : []),
    ...(existsSync(join(directory, 'data.sqlite-wal')) ? ['data.sqlite-wal'] : []),
  ]
  if (left.length > 0) throw incomplete(directory, `data.sqlite is missing or empty, and ${left.join(', ')} are there`)
  return { isFirstStart: true, keyFiles }
}

/**
 * Compares the key catalogue with the key files, before keys are made or opened.
 * @throws {MmfError} `data_folder_incomplete`: keys that the catalogue does not know, active versions whose key is missing, a public key that is
 * not the one its entry names
 */
export function checkKeys(
  directory: string,
  { isFirstStart, keyFiles }: FolderContents,
  rows: readonly KeyCatalogueRow[],
): void {
  if (rows.length === 0 && keyFiles.length > 0 && !isFirstStart) {
    throw incomplete(
      directory,
      `the database knows no key, and ${keyFiles.length} keys are there: it is not the one they were made with`,
    )
  }
  for (const { keyId, version, state, providerRef, publicKey } of rows) {
    const name = `version ${version} of ${keyId}`
    if (createHash('sha256').update(publicKey).digest('hex') !== providerRef) {
      throw incomplete(directory, `the public key of ${name} in the database is not the one with its fingerprint`)
    }
    if (state === 'active' && !keyFiles.includes(providerRef)) {
      throw incomplete(directory, `keys/${providerRef}.json is missing, the key of ${name}`)
    }
  }
}

/** The start is complete: from now on nothing may be missing. */
export function endFirstStart(directory: string): void {
  rmSync(join(directory, marker), { force: true })
}

function namesIn(folder: string): readonly string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : []
  } catch (error) {
    throw dataFolderUnusable(folder, error)
  }
}

function incomplete(directory: string, what: string): MmfError {
  const ways = 'restore the whole folder from one backup, or set it aside with `npm run -s cli -- data begin-anew`'
  return new MmfError('data_folder_incomplete', { detail: `${directory}: ${what}. Nothing was changed: ${ways}` })
}
