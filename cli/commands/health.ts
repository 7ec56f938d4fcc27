import type { Colours } from '../colours.ts'
import type { ApiClient } from '../http/api-client.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

/** `mmf-cli health [PLUGIN]`: 0 healthy or degraded, 1 unhealthy. @throws {Failure} */
export async function health(
  client: ApiClient,
  { plugin, json }: { readonly plugin: string | undefined; readonly json: boolean },
  colours: Colours,
): Promise<CommandResult> {
  const path = plugin === undefined ? '/health' : `/plugins/${encodeURIComponent(plugin)}/health`
  const answer = await client.json<object>('GET', path, undefined, { isPublic: true, answers: 503 })
  const lines = statuses('', answer)
  const stdout = json ? `${JSON.stringify(answer, undefined, 2)}\n` : table(lines, colours)
  // An answer without any status is no health.
  const isBad = lines.length === 0 || lines.some(({ status }) => status === 'unhealthy')
  return { stdout, exitCode: isBad ? 1 : 0 }
}

interface Line {
  readonly name: string
  readonly status: string
  readonly reason: string
}

/** Everything in an answer that has a status, by its name: the whole, plugins, services. */
function statuses(name: string, value: unknown): readonly Line[] {
  if (typeof value !== 'object' || value === null) return []
  const { status, reason, plugin } = value as Record<string, unknown>
  const own = typeof plugin === 'string' ? plugin : name
  const line = { name: own, status: String(status), reason: typeof reason === 'string' ? reason : '' }
  const below = Object.entries(value).flatMap(([key, child]) =>
    isList(key)
      ? Object.entries(child ?? {}).flatMap(([of, one]) => statuses(joined(own, of), one))
      : statuses(joined(own, key), child),
  )
  return typeof status === 'string' ? [line, ...below] : below
}

/** These hold what has a name of its own. */
const isList = (key: string) => key === 'services' || key === 'plugins' || key === 'checks'

const joined = (above: string, name: string) => (above === '' ? name : `${above}.${name}`)

const styles: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  healthy: 'green',
  degraded: 'yellow',
  unhealthy: 'red',
}

function table(lines: readonly Line[], { paint }: Colours): string {
  const width = Math.max(0, ...lines.map(({ name }) => printable(name).length))
  return lines
    .map(({ name, status, reason }) => {
      const style = styles[status]
      const shown = style === undefined ? printable(status) : paint(style, status)
      return `${`${printable(name).padEnd(width)}  ${shown}  ${printable(reason)}`.trimEnd()}\n`
    })
    .join('')
}
