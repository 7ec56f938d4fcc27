import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

interface Summary {
  readonly traceId: string
  readonly name: string
  readonly startedAt: string
  readonly durationMs?: number
  readonly status: string
  readonly spans: number
}

interface Span {
  readonly spanId: string
  readonly parentId?: string
  readonly name: string
  readonly durationMs?: number
  readonly status: string
  readonly tags: Readonly<Record<string, unknown>>
  readonly error?: { readonly code?: string; readonly name: string }
}

/** `mmf-cli traces [ID]`: the newest traces of a server, or the tree of one. */
export async function traces(
  client: Pick<ApiClient, 'json'>,
  { id, json }: { readonly id: string | undefined; readonly json: boolean },
): Promise<CommandResult> {
  if (id === undefined) {
    const answer = await client.json<{ traces: readonly Summary[] }>('GET', '/traces')
    return { stdout: json ? pretty(answer) : list(answer.traces), exitCode: 0 }
  }
  const answer = await client.json<{ spans: readonly Span[] }>('GET', `/traces/${encodeURIComponent(id)}`)
  return { stdout: json ? pretty(answer) : tree(answer.spans), exitCode: 0 }
}

const pretty = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`

const milliseconds = (durationMs: number | undefined) =>
  durationMs === undefined ? 'running' : `${durationMs.toFixed(1)} ms`

function list(all: readonly Summary[]): string {
  if (all.length === 0) return 'no trace yet\n'
  const line = ({ traceId, startedAt, name, durationMs, status, spans }: Summary) =>
    `${traceId}  ${startedAt}  ${status.padEnd(7)}  ${milliseconds(durationMs).padStart(10)}  ${printable(name)} (${spans} spans)\n`
  return all.map(line).join('')
}

function tree(spans: readonly Span[]): string {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const below = Map.groupBy(spans, ({ parentId = '' }) => (known.has(parentId) ? parentId : ''))
  const branches = (parent: string, indent: string): string[] => {
    const children = below.get(parent) ?? []
    return children.flatMap((span, index) => {
      const isLast = index === children.length - 1
      const { service } = span.tags
      const of = typeof service === 'string' ? ` (${printable(service)})` : ''
      const line = `${indent}${isLast ? '└── ' : '├── '}span: ${printable(span.name)}${of}${ending(span)}`
      return [line, ...branches(span.spanId, `${indent}${isLast ? '    ' : '│   '}`)]
    })
  }
  const roots = below.get('') ?? []
  const lines = roots.flatMap(root => [`Trace: ${printable(root.name)}${ending(root)}`, ...branches(root.spanId, '')])
  return `${lines.join('\n')}\n`
}

function ending({ durationMs, status, error }: Span): string {
  const outcome = status === 'error' ? ` ✗ ${printable(error?.code ?? error?.name ?? 'error')}` : ''
  return `  ${milliseconds(durationMs)}${outcome}`
}
