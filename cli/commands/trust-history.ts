import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type Unreadable, withUnreadable } from '../unreadable.ts'

interface Version {
  readonly generation: number
  readonly changedAt: string
  readonly action: string
  readonly status: string
  readonly principal: string
  readonly reason?: string
}

interface Answer {
  readonly versions?: readonly Version[]
  readonly generations?: readonly Generation[]
  readonly unreadable?: readonly Unreadable[]
}

interface Generation {
  readonly generation: number
  readonly activatedAt: string
  readonly action: string
  readonly principal: string
  readonly approvedBy?: string
  readonly reason?: string
  readonly source?: string
  readonly anchorId?: string
  readonly entries: number
}

/** `mmf-cli trust history [ANCHOR]`: every standing of one certificate, or the last hundred changes of the whole store. */
export async function trustHistory(
  client: ApiClient,
  { anchorId, json = false }: { readonly anchorId?: string | undefined; readonly json?: boolean },
): Promise<CommandResult> {
  const path =
    anchorId === undefined
      ? '/v1/trust-anchors/generations?limit=100'
      : `/v1/trust-anchors/${encodeURIComponent(anchorId)}/history`
  const answer = await client.json<Answer>('GET', path)
  const { versions = [], generations = [], unreadable = [] } = answer
  const stdout = json
    ? `${JSON.stringify(answer, undefined, 2)}\n`
    : [...versions.map(ofAnchor), ...generations.map(ofStore)].join('')
  return withUnreadable({ stdout, exitCode: 0 }, unreadable)
}

function ofAnchor({ generation, changedAt, action, status, principal, reason }: Version): string {
  return `${generation} ${changedAt} ${status} ${action} by ${printable(principal)}${because(reason)}\n`
}

function ofStore(made: Generation): string {
  const { generation, activatedAt, action, principal, approvedBy, reason, source, anchorId, entries } = made
  const what = anchorId ?? `${printable(source ?? '')}, ${entries} entries`
  const by = approvedBy === undefined ? principal : `${principal}, approved by ${approvedBy}`
  return `${generation} ${activatedAt} ${action} ${what} by ${printable(by)}${because(reason)}\n`
}

const because = (reason: string | undefined) => (reason === undefined ? '' : `: ${printable(reason)}`)
