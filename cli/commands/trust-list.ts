import type { ApiClient } from '../http/api-client.ts'
import type { Progress } from '../http/progress.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, unreadableMember, withUnreadable } from '../unreadable.ts'

export interface TrustListOptions {
  readonly country?: string
  readonly status?: string
  readonly purpose?: string
  readonly kind?: string
  readonly expiringWithinDays?: string
  readonly asOf?: string
  readonly json?: boolean
}

interface Anchor {
  readonly anchorId: string
  readonly kind: string
  readonly status: string
  readonly country?: string
  readonly subject: string
  readonly notAfter: string
  readonly purposes: readonly string[]
  readonly reason?: string
}

interface Page {
  readonly anchors: readonly Anchor[]
  readonly generation: number
  readonly unreadable?: readonly Unreadable[]
  readonly cursor?: string
}

/** `mmf-cli trust list`: every entry that the filters let through, all pages of one generation. 7: but those that cannot be read, which are named. */
export async function trustList(
  client: ApiClient,
  options: TrustListOptions,
  progress: Progress,
): Promise<CommandResult> {
  const { json = false, ...filters } = options
  const given = Object.entries(filters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const anchors: Anchor[] = []
  const unreadable: Unreadable[] = []
  let generation = 0
  let cursor: string | undefined
  try {
    do {
      const more: [string, string][] = cursor === undefined ? [] : [['cursor', cursor]]
      const query = new URLSearchParams([...given, ...more, ['limit', '100']])
      const page: Page = await client.json('GET', `/v1/trust-anchors?${query}`, undefined, { members: ['anchors'] })
      anchors.push(...page.anchors)
      unreadable.push(...(page.unreadable ?? []))
      ;({ generation, cursor } = page)
      progress.update(0, undefined, `${anchors.length} entries`)
    } while (cursor !== undefined)
  } finally {
    progress.end()
  }
  const answer = { generation, anchors, ...unreadableMember(unreadable) }
  const stdout = json
    ? `${JSON.stringify(answer, undefined, 2)}\n`
    : `${anchors.map(line).join('')}generation ${generation}: ${anchors.length} entries\n`
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

function line({ anchorId, status, country = '', subject, notAfter, purposes, reason }: Anchor): string {
  const why = status === 'distrusted' && reason !== undefined ? ` (${printable(reason)})` : ''
  const until = notAfter.slice(0, 10)
  return `${anchorId} ${printable(country).padEnd(2)} ${status}${why} until ${until} ${purposes.join(',')} ${printable(subject)}\n`
}
