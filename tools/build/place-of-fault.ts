import { globSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMmfError } from '@mmf/framework'

/** Where in a folder the mistake is that an error is about: `<file>:<line>`, with the column where it is known; the file counts from `root`. */
export function placeOfFault(error: unknown, folder: string, root: string): string | undefined {
  const texts = chain(error).flatMap(one => (one instanceof Error ? [`${one.message}\n${one.stack ?? ''}`] : []))
  return inStack(texts, folder, root) ?? byName(error, texts.join('\n'), folder, root)
}

function chain(error: unknown): readonly unknown[] {
  return error instanceof Error ? [...chain(error.cause), error] : []
}

/** The first `file:line` within the folder. */
function inStack(texts: readonly string[], folder: string, root: string): string | undefined {
  const folders = [folder, realpathSync(folder)]
  for (const text of texts) {
    for (const [, url = '', line, column] of text.matchAll(/((?:file:\/\/)?\/[^\s:()"']+):(\d+)(?::(\d+))?/g)) {
      const file = url.startsWith('file:') ? fileURLToPath(url) : url
      if (!folders.some(known => file.startsWith(`${known}/`)) || file.includes('/node_modules/')) continue
      return [relative(root, file), line, ...(column === undefined ? [] : [column])].join(':')
    }
  }
  return undefined
}

/** What is checked after the module was read has no line of its own: that of the first name which the error says and the code has as a text. */
function byName(error: unknown, text: string, folder: string, root: string): string | undefined {
  const path = isMmfError(error) ? (error.errors ?? []).map(one => one.path).join('.') : ''
  const missing = [...text.matchAll(/Cannot find (?:module|package) '([^']+)'/g)].map(
    ([, name = '']) => name.split('/').at(-1) ?? '',
  )
  const names = [
    ...missing,
    ...path
      .split(/[."\s]+/)
      .slice(0, 3)
      .reverse(),
  ].filter(name => name !== '')
  const files = globSync('**/*.{ts,js,mjs}', { cwd: folder, exclude: ['**/node_modules/**', '**/*.test.ts'] }).sort()
  for (const name of names) {
    const quoted = new RegExp(`['"\`/]${name.replace(/\W/g, '\\$&')}['"\`]`)
    for (const file of files) {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n')
      const index = lines.findIndex(line => quoted.test(line))
      if (index >= 0) return `${relative(root, join(folder, file))}:${index + 1}`
    }
  }
  return undefined
}
