import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { failure } from '../failure.ts'
import { checkedUrl } from '../http/server-url.ts'

/** A server, and how a token for it is got. */
export interface Context {
  readonly url: string
  /** A line for the shell that prints a token. */
  readonly tokenCommand?: string
}

export interface Contexts {
  /** The one that is used where a call names none. */
  readonly current?: string
  readonly contexts: ReadonlyMap<string, Context>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Below XDG_CONFIG_HOME, which counts only where it is absolute (XDG Base Directory §3), else below `~/.config`. */
export function contextFile({ XDG_CONFIG_HOME: folder = '', HOME: home = homedir() }: Environment): string {
  return join(isAbsolute(folder) ? folder : join(home, '.config'), 'mmf-cli', 'contexts.json')
}

/**
 * The contexts of this user; none where there is no file.
 * @throws {Failure} `context_file_invalid`; `context_file_exposed` where others may write it, because its token commands are run
 */
export function readContexts(env: Environment): Contexts {
  const path = contextFile(env)
  let text: string
  try {
    if ((statSync(path).mode & 0o022) !== 0) {
      throw failure(
        'context_file_exposed',
        `${path} may be written by others, and its token commands are run: chmod 600 it`,
      )
    }
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) throw error
    if (error.code === 'ENOENT') return { contexts: new Map() }
    throw failure('context_file_invalid', `${path} cannot be read (${error.code})`, error)
  }
  return parsed(text, path)
}

/** Writes beside the file and renames: what was there stays until the new one is whole. Mode 0600, the folder 0700. */
export function writeContexts({ current, contexts }: Contexts, env: Environment): void {
  const path = contextFile(env)
  const content = { version: 1, ...(current === undefined ? {} : { current }), contexts: Object.fromEntries(contexts) }
  const part = `${path}.${randomUUID()}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(part, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(part, path)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw failure('output_unwritable', `${path} cannot be written (${error.code})`, error)
  } finally {
    rmSync(part, { force: true })
  }
}

/** @throws {Failure} `context_unknown` */
export function theContext({ contexts }: Contexts, name: string): Context {
  const found = contexts.get(name)
  if (found !== undefined) return found
  const known =
    contexts.size === 0
      ? 'there are none: `mmf-cli context add` makes one'
      : `known: ${[...contexts.keys()].join(', ')}`
  throw failure('context_unknown', `no context ${JSON.stringify(name)} (${known})`)
}

export const isContextName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)

function parsed(text: string, path: string): Contexts {
  const refuse = (reason: string, cause?: unknown) => failure('context_file_invalid', `${path}: ${reason}`, cause)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw refuse('it is no JSON; correct it, or delete it and add the contexts again', cause)
  }
  if (!isMap(content) || !isMap(content['contexts'])) throw refuse('it has no map `contexts`')
  if (content['version'] !== 1) throw refuse(`version ${JSON.stringify(content['version'])} is not 1`)
  const contexts = new Map<string, Context>()
  for (const [name, value] of Object.entries(content['contexts'])) {
    if (!isContextName(name)) throw refuse(`${JSON.stringify(name)} is no name of a context`)
    if (!isMap(value) || typeof value['url'] !== 'string') throw refuse(`contexts.${name}.url is not there`)
    const { tokenCommand, url } = value
    if (tokenCommand !== undefined && typeof tokenCommand !== 'string')
      throw refuse(`contexts.${name}.tokenCommand is no text`)
    const server = { url: checkedUrl(url as string, `${path}: contexts.${name}.url`) }
    contexts.set(name, tokenCommand === undefined ? server : { ...server, tokenCommand })
  }
  const { current } = content
  if (current === undefined) return { contexts }
  if (typeof current !== 'string' || !contexts.has(current))
    throw refuse(`current ${JSON.stringify(current)} is none of its contexts`)
  return { contexts, current }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
