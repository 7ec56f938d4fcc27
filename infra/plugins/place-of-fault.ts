import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMmfError } from '@mmf/framework'

/**
 * Where the mistake is that an error about a plugin tells of: `<file>:<line>`, with the column where it is known; the file counts from `root`. The file
 * alone where the whole of it is the mistake, such as a module that exports no plugin.
 * @param source the folder of the plugin, or its manifest
 */
export function placeOfFault(error: unknown, source: string, root: string): string | undefined {
  const folder = isFile(source) ? dirname(source) : source
  const errors = chain(error)
  const messages = errors.map(({ message }) => message)
  const texts = errors.map(({ message, stack = '' }) => `${message}\n${stack}`)
  return (
    inSettings(messages, root) ??
    inStack(texts, folder, root) ??
    byName(error, texts.join('\n'), folder, root) ??
    wholeFile(messages, source, root)
  )
}

const isFile = (source: string): boolean => /\.(ya?ml|json)$/.test(source)

function chain(error: unknown): readonly Error[] {
  return error instanceof Error ? [...chain(error.cause), error] : []
}

/** Manifests and configuration name their lines themselves, or the variable that set a value. */
function inSettings(messages: readonly string[], root: string): string | undefined {
  const [, variable] = /environment variable (MMF__\w+)/.exec(messages.join('\n')) ?? []
  if (variable !== undefined) return variable
  const [, file, place] = /(\/[^\s:()"']+\.ya?ml):(\d+(?::\d+)?)/.exec(messages.join('\n')) ?? []
  return file === undefined ? undefined : `${relative(root, file)}:${place}`
}

/** The first `file:line` within the folder. */
function inStack(texts: readonly string[], folder: string, root: string): string | undefined {
  const folders = existsSync(folder) ? [folder, realpathSync(folder)] : [folder]
  for (const text of texts) {
    for (const [, url = '', line, column] of text.matchAll(/((?:file:\/\/)?\/[^\s:()"']+):(\d+)(?::(\d+))?/g)) {
      const file = url.startsWith('file:') ? fileURLToPath(url) : url
      const within = folders.find(known => file.startsWith(`${known}/`))
      if (within === undefined || relative(within, file).includes('node_modules/')) continue
      return [relative(root, join(folder, relative(within, file))), line, column].filter(Boolean).join(':')
    }
  }
  return undefined
}

/** What is checked after the module was read has no line of its own: that of the first name which the error says and the code has as a text or a member. */
function byName(error: unknown, text: string, folder: string, root: string): string | undefined {
  const path = isMmfError(error) ? error.errors.map(one => one.path).join('.') : ''
  const missing = [...text.matchAll(/Cannot find (?:module|package) '([^']+)'/g)].map(
    ([, name = '']) => name.split('/').at(-1) ?? '',
  )
  const inPath = path.split(/[."\s]+/).filter(name => name !== '')
  const names = [...missing, ...inPath.slice(0, 3).reverse()].map(name => name.replace(/\W/g, '\\$&'))
  const files = globSync('**/*.{ts,js,mjs}', { cwd: folder, exclude: ['**/node_modules/**', '**/*.test.ts'] }).sort()
  for (const pattern of [...names.map(name => `['"\`/]${name}['"\`]`), ...names.map(name => `\\b${name}\\s*:`)]) {
    const named = new RegExp(pattern)
    for (const file of files) {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n')
      const index = lines.findIndex(line => named.test(line))
      if (index >= 0) return `${relative(root, join(folder, file))}:${index + 1}`
    }
  }
  return undefined
}

function wholeFile(messages: readonly string[], source: string, root: string): string | undefined {
  if (isFile(source)) return relative(root, source)
  const named = [...messages.join('\n').matchAll(/\/[^\s:()"']+\.\w+/g)].map(([file]) => file)
  const file = named.find(path => path.startsWith(`${source}/`) && existsSync(path))
  return file === undefined ? undefined : relative(root, file)
}
