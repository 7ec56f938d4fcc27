import {
  type Context,
  type Contexts,
  contextFile,
  isContextName,
  readContexts,
  theContext,
  writeContexts,
} from '../contexts/context-file.ts'
import { failure } from '../failure.ts'
import { checkedUrl } from '../http/server-url.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface ContextAddOptions {
  readonly name: string
  readonly url: string
  readonly tokenCommand?: string
  readonly replace: boolean
  readonly json: boolean
}

/** `mmf-cli context add NAME --url …`. @throws {Failure} `context_exists`, `url_invalid`, `usage_invalid`, `context_file_…` */
export function contextAdd(
  { name, url, tokenCommand, replace, json }: ContextAddOptions,
  env: Environment,
): CommandResult {
  if (!isContextName(name)) {
    throw failure(
      'usage_invalid',
      `${JSON.stringify(name)} is no name of a context: a letter or digit, then up to 63 of A-Z a-z 0-9 . _ -`,
    )
  }
  const server = checkedUrl(url, '--url')
  const { contexts, current = name } = readContexts(env)
  if (contexts.has(name) && !replace) {
    throw failure('context_exists', `${name} is there already; --replace puts this one in its place`)
  }
  const added: Context = tokenCommand === undefined ? { url: server } : { url: server, tokenCommand }
  writeContexts({ current, contexts: new Map(contexts).set(name, added) }, env)
  return said(
    `${name} is kept in ${contextFile(env)}${current === name ? ', and in use' : ''}`,
    shown(name, added, current),
    json,
  )
}

/** `mmf-cli context use NAME`. @throws {Failure} */
export function contextUse(name: string, json: boolean, env: Environment): CommandResult {
  const known = readContexts(env)
  const context = theContext(known, name)
  writeContexts({ ...known, current: name }, env)
  return said(`${name} is in use: ${context.url}`, shown(name, context, name), json)
}

/** `mmf-cli context list`. @throws {Failure} */
export function contextList(json: boolean, env: Environment): CommandResult {
  const { contexts, current } = readContexts(env)
  const rows = [...contexts].map(([name, context]) => shown(name, context, current))
  if (json) return { stdout: `${JSON.stringify(rows, undefined, 2)}\n`, exitCode: 0 }
  const width = Math.max(0, ...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, url, inUse, tokenCommand }) => {
    const token = tokenCommand === undefined ? 'MARTY_TOKEN' : 'token command'
    return `${inUse ? '*' : ' '} ${name.padEnd(width)}  ${printable(url)}  ${token}\n`
  })
  if (rows.length === 0) return { stderr: 'there are none: `mmf-cli context add` makes one\n', exitCode: 0 }
  return { stdout: lines.join(''), exitCode: 0 }
}

/** `mmf-cli context show [NAME]`. @throws {Failure} */
export function contextShow(name: string | undefined, json: boolean, env: Environment): CommandResult {
  const known = readContexts(env)
  const wanted = name ?? known.current
  if (wanted === undefined)
    throw failure('context_unknown', 'none is in use; `mmf-cli context list` says which there are')
  const context = theContext(known, wanted)
  const { url, tokenCommand, inUse } = shown(wanted, context, known.current)
  const token = tokenCommand === undefined ? 'from MARTY_TOKEN' : `from the command ${printable(tokenCommand)}`
  const text = `${wanted}${inUse ? ', in use' : ''}\nurl    ${printable(url)}\ntoken  ${token}`
  return said(text, shown(wanted, context, known.current), json)
}

/** `mmf-cli context remove NAME`. @throws {Failure} */
export function contextRemove(name: string, json: boolean, env: Environment): CommandResult {
  const { contexts, current } = readContexts(env)
  const context = theContext({ contexts }, name)
  const others = new Map(contexts)
  others.delete(name)
  const left: Contexts =
    current === undefined || current === name ? { contexts: others } : { contexts: others, current }
  writeContexts(left, env)
  return said(
    `${name} is forgotten${current === name ? '; none is in use' : ''}`,
    shown(name, context, left.current),
    json,
  )
}

const shown = (name: string, context: Context, current: string | undefined) => ({
  name,
  ...context,
  inUse: name === current,
})

const said = (text: string, value: object, json: boolean): CommandResult => ({
  stdout: json ? `${JSON.stringify(value, undefined, 2)}\n` : `${text}\n`,
  exitCode: 0,
})
