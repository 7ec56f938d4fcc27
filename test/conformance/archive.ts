import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** One file of a data set: on disk or inside an archive. Its bytes are read when asked for. */
export interface DataFile {
  /** Path below what was opened; an archive's entries come under the archive's own name. */
  path: string
  /** The last segment of the path, a `.gz` ending removed. */
  name: string
  read(): Uint8Array
}

/**
 * The files behind a path: a folder (recursive), a `.tar`, `.tar.gz` or `.tgz` archive (its entries), a `.gz` file (its
 * content) or any other file (itself). Archives inside a folder are opened too.
 *
 * @throws the file system's error when the path is missing, `Error` when an archive is damaged
 */
export function openData(path: string): DataFile[] {
  if (!statSync(path).isDirectory()) return openFile(path, basename(path))
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .flatMap(file => openFile(file, relative(path, file)))
}

/** The first file of each name: how suites that name their files find them, wherever the folder or archive puts them. */
export function indexByName(files: readonly DataFile[]): Map<string, DataFile> {
  const index = new Map<string, DataFile>()
  for (const file of files) {
    if (!index.has(file.name)) index.set(file.name, file)
  }
  return index
}

/** The content of a JSON file of the data set. */
export function readJson(file: DataFile): unknown {
  return JSON.parse(new TextDecoder().decode(file.read()))
}

function openFile(file: string, path: string): DataFile[] {
  if (/\.(tar\.gz|tgz)$/.test(file)) return tarEntries(gunzipSync(readFileSync(file)), path)
  if (file.endsWith('.tar')) return tarEntries(readFileSync(file), path)
  if (file.endsWith('.gz')) {
    const name = basename(path, '.gz')
    return [{ path: path.slice(0, -3), name, read: () => gunzipSync(readFileSync(file)) }]
  }
  return [{ path, name: basename(path), read: () => readFileSync(file) }]
}

const block = 512

/** Entries of a POSIX ustar or GNU archive (IEEE Std 1003.1 `pax` §ustar): regular files only, with pax and GNU long names. */
function tarEntries(tar: Uint8Array, archivePath: string): DataFile[] {
  const entries: DataFile[] = []
  let longName: string | undefined
  for (let offset = 0; offset + block <= tar.length; ) {
    const header = tar.subarray(offset, offset + block)
    if (header.every(octet => octet === 0)) break
    const size = tarSize(header)
    const content = tar.subarray(offset + block, offset + block + size)
    if (content.length !== size) throw new Error(`${archivePath}: truncated archive`)
    const type = String.fromCharCode(header[156] ?? 0)
    if (type === 'L') longName = text(content)
    else if (type === 'x') longName = paxPath(content) ?? longName
    else {
      if (type === '0' || type === '\0') {
        const path = longName ?? ustarName(header)
        if (!basename(path).startsWith('._'))
          entries.push({ path: `${archivePath}/${path}`, name: basename(path), read: () => content })
      }
      longName = undefined
    }
    offset += block + Math.ceil(size / block) * block
  }
  return entries
}

function tarSize(header: Uint8Array): number {
  const field = header.subarray(124, 136)
  const size = Number.parseInt(text(field).trim(), 8)
  if (!Number.isSafeInteger(size)) throw new Error('unreadable size in a tar header')
  return size
}

function ustarName(header: Uint8Array): string {
  const name = text(header.subarray(0, 100))
  const isUstar = text(header.subarray(257, 262)) === 'ustar'
  const prefix = isUstar && header[262] === 0 ? text(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function paxPath(content: Uint8Array): string | undefined {
  return /\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1]
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}
