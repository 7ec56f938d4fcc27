import type { Colours } from './colours.ts'
import type { Call, CommandRow, CommandTable } from './command.ts'
import { camelCase, type Parsed } from './program.ts'

interface CallOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly colours: Colours
  readonly table: CommandTable
}

export function createCall(row: CommandRow, parsed: Parsed, { env, colours, table }: CallOptions): Call {
  const option = (name: string) => {
    if (!Object.hasOwn(parsed.options, name)) throw new TypeError(`the row of "${row.path}" lacks the option ${name}`)
    return parsed.options[name]
  }
  const text = (name: string) => {
    const value = option(name)
    return typeof value === 'string' ? value : undefined
  }
  const optionalArgument = (name: string) => {
    if (!Object.hasOwn(parsed.arguments, name)) throw new TypeError(`the row of "${row.path}" lacks <${name}>`)
    return parsed.arguments[name]
  }
  const present = (name: string, value: string | undefined) => {
    if (value === undefined) throw new TypeError(`the row of "${row.path}" lets ${name} be absent`)
    return value
  }
  return {
    optionalArgument,
    argument: name => present(name, optionalArgument(name)),
    text,
    value: name => present(name, text(name)),
    all(name) {
      const value = option(name)
      return Array.isArray(value) ? value : []
    },
    on: name => option(name) === true,
    given<const N extends string>(...names: N[]) {
      const pairs = Object.keys(parsed.options).map(name => [camelCase(name), text(name)] as const)
      const byName = new Map(pairs)
      const missing = names.filter(name => !byName.has(name))
      if (missing.length > 0) throw new TypeError(`the row of "${row.path}" lacks the options ${missing.join(', ')}`)
      const found = names.flatMap(name => {
        const value = byName.get(name)
        return value === undefined ? [] : [[name, value]]
      })
      return Object.fromEntries(found) as { readonly [K in N]?: string }
    },
    json: option('json') === true,
    env,
    colours,
    table,
    async client() {
      if (row.connection !== true) throw new TypeError(`the row of "${row.path}" has no connection`)
      const { connect } = await import('./http/connection.ts')
      return connect({ url: text('url'), context: text('context'), token: text('token'), host: text('host') }, env)
    },
  }
}
