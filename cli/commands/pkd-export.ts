import { failure } from '../failure.ts'
import type { ApiClient } from '../http/api-client.ts'
import type { Progress } from '../http/progress.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, withUnreadable } from '../unreadable.ts'

export interface PkdExportOptions {
  readonly format: string
  readonly collection: string
}

interface JsonPage {
  readonly entries: readonly unknown[]
  readonly unreadable?: readonly Unreadable[]
}

/**
 * `mmf-cli pkd export`: the whole collection, page after page, into `write`: an LDIF, PEM blocks, or a JSON array. 0 all is
 * written, 7 all but entries that cannot be read, which are named. @throws {Failure}
 */
export async function pkdExport(
  client: ApiClient,
  { format, collection }: PkdExportOptions,
  write: (text: string) => Promise<void>,
  progress: Progress,
): Promise<CommandResult> {
  const json = format === 'json'
  let path: string | undefined = `/v1/pkd/exports?${new URLSearchParams({ format, collection, limit: '1000' })}`
  const unreadable: Unreadable[] = []
  let separator = '['
  let bytes = 0
  while (path !== undefined) {
    const answer = await client.request('GET', path)
    if (json) {
      const page = pageOf(answer.text)
      unreadable.push(...(page.unreadable ?? []))
      for (const entry of page.entries) {
        await write(`${separator}\n${JSON.stringify(entry)}`)
        separator = ','
      }
    } else {
      if (answer.headers.has('marty-left-out')) unreadable.push(...leftOut(answer.text))
      await write(answer.text)
    }
    bytes += answer.text.length
    progress.update(bytes, undefined, `${bytes} bytes`)
    path = nextOf(answer.headers.get('link'))
  }
  if (json) await write(separator === '[' ? '[]\n' : '\n]\n')
  progress.end()
  return withUnreadable({ exitCode: 0 }, unreadable)
}

/** @throws {Failure} `answer_unexpected` */
function pageOf(text: string): JsonPage {
  try {
    const page = JSON.parse(text)
    if (Array.isArray(page?.entries)) return page
  } catch {
    // No JSON is as good as another document.
  }
  throw failure('answer_unexpected', 'the server answers no page of the directory')
}

/** A page of LDIF or PEM names what it lacks in its first lines. */
const leftOut = (text: string): Unreadable[] =>
  [...text.matchAll(/^# left out: (\S+): its row cannot be read \((.*)\)$/gm)].map(([, id = '', reason = '']) => ({
    id,
    reason,
  }))

/** The next page is one of the same server: a path, never another host. */
function nextOf(link: string | null): string | undefined {
  return /^<(\/v1\/pkd\/exports\?[^>]*)>; rel="next"$/.exec(link ?? '')?.[1]
}
