import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { abortError, throwIfAborted } from '../../database/abort.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { BlobInfo } from '../blobs.ts'
import { unavailable } from '../check-blob.ts'

/** What lies beside the content: where it is, and what it is. */
export interface StoredEntry extends BlobInfo {
  /** Name of the content's file. Each put makes a new one, so that readers of the old one are not disturbed. */
  readonly content: string
}

/** A day, in milliseconds. */
const abandonedAfter = 86_400_000
/** How long a content that was replaced can still be begun to be read, in milliseconds. */
const graceMs = 60_000

/** The folder, and nothing above files and their names. */
export class FilesStore {
  private readonly entriesFolder: string
  private readonly contentsFolder: string
  private readonly now: () => number
  private prepared: Promise<void> | undefined
  private replaced: { readonly content: string; readonly since: number }[] = []

  constructor(directory: string, now: () => number) {
    this.now = now
    this.entriesFolder = join(directory, 'entries')
    this.contentsFolder = join(directory, 'contents')
  }

  async prepare(): Promise<void> {
    this.prepared ??= this.prepareOnce()
    try {
      await this.prepared
    } catch (error) {
      this.prepared = undefined
      throw error
    }
    await stat(this.entriesFolder)
  }

  private async prepareOnce(): Promise<void> {
    for (const folder of [this.entriesFolder, this.contentsFolder])
      await mkdir(folder, { recursive: true, mode: 0o700 })
    const contents = await readdir(this.contentsFolder)
    const names = await readdir(this.entriesFolder)
    if (contents.length > names.length) await this.removeAbandoned(contents)
  }

  /** Contents of puts that were cut off: no blob names them, and they are too old for a put that still runs. */
  private async removeAbandoned(contents: readonly string[]): Promise<void> {
    const named = new Set((await this.entries()).map(entry => entry.content))
    for (const content of contents.filter(name => !named.has(name))) {
      const found = await absentAsUndefined(stat(this.contentPath(content)))
      if (found !== undefined && found.mtimeMs < this.now() - abandonedAfter) await this.removeContent(content)
    }
  }

  async entry(key: string): Promise<StoredEntry | undefined> {
    const text = await absentAsUndefined(readFile(this.entryPath(key), 'utf8'))
    return text === undefined ? undefined : (JSON.parse(text) as StoredEntry)
  }

  async entries(): Promise<StoredEntry[]> {
    const names = (await absentAsUndefined(readdir(this.entriesFolder))) ?? []
    const entries: StoredEntry[] = []
    for (const name of names.filter(name => name.endsWith('.json'))) {
      const text = await absentAsUndefined(readFile(join(this.entriesFolder, name), 'utf8'))
      if (text !== undefined) entries.push(JSON.parse(text) as StoredEntry)
    }
    return entries
  }

  async writeContent(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    const content = randomUUID()
    const file = await open(this.contentPath(content), 'wx', 0o600)
    const hash = createHash('sha256')
    let size = 0
    try {
      for await (const chunk of chunks) {
        throwIfAborted(signal)
        hash.update(chunk)
        size += chunk.byteLength
        await file.writeFile(chunk)
      }
      await file.sync()
    } catch (error) {
      await file.close()
      await this.removeContent(content)
      throw error
    }
    await file.close()
    return { content, size, sha256: hash.digest('hex') }
  }

  /** Lets the key name the content, in one step, and removes what it named before. */
  async name(key: string, entry: StoredEntry, ifAbsent: boolean): Promise<void> {
    const before = ifAbsent ? undefined : await this.entry(key)
    const temporary = join(this.entriesFolder, `${randomUUID()}.tmp`)
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(JSON.stringify(entry))
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // A link fails when the name is taken; a rename replaces it.
      if (ifAbsent) await link(temporary, this.entryPath(key))
      else await rename(temporary, this.entryPath(key))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw new MmfError('conflict', { detail: 'there is a blob of this key' })
    } finally {
      await rm(temporary, { force: true })
    }
    await syncFolder(this.contentsFolder)
    await syncFolder(this.entriesFolder)
    if (before !== undefined) await this.discard(before.content)
  }

  async remove(key: string): Promise<void> {
    const entry = await this.entry(key)
    if (entry === undefined) return
    await rm(this.entryPath(key), { force: true })
    await syncFolder(this.entriesFolder)
    await this.discard(entry.content)
  }

  /** The file is opened when reading begins: a body that is never read holds nothing open. */
  async *readContent(
    content: string,
    range: { start: number; end?: number } | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const options = { ...range, signal }
    try {
      yield* createReadStream(this.contentPath(content), options)
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : unavailable(error)
    }
  }

  async removeContent(content: string): Promise<void> {
    await rm(this.contentPath(content), { force: true })
  }

  /** Removes a content that has no name any more, and those of which readers have had time to begin. */
  private async discard(content: string): Promise<void> {
    const now = this.now()
    const over = this.replaced.filter(({ since }) => since <= now - graceMs)
    this.replaced = [...this.replaced.filter(({ since }) => since > now - graceMs), { content, since: now }]
    for (const old of over) await this.removeContent(old.content)
  }

  private entryPath(key: string): string {
    return join(this.entriesFolder, `${createHash('sha256').update(key).digest('hex')}.json`)
  }

  private contentPath(content: string): string {
    return join(this.contentsFolder, content)
  }
}

async function absentAsUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A new name is on disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
