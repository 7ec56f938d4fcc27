import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** One fenced block of a page. */
interface Block {
  readonly language: string
  /** The file it is the content of: ```` ```ts file=plugins/visitors/plugin.ts ````. */
  readonly file: string | undefined
  /** Whether it is what the block before it prints: ```` ```text output ````. */
  readonly isOutput: boolean
  readonly text: string
  /** Line of its fence, from 1. */
  readonly line: number
}

export interface Page {
  /** Path below the root of the repository. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** The page without its fenced blocks. */
  readonly prose: string
  /** What stands between single backticks in the prose, with its line. */
  readonly spans: readonly { readonly text: string; readonly line: number }[]
}

const fence = /^```(\w+) ?([^\n]*)\n([\s\S]*?)^```$/gm

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const lineOf = (index: number) => text.slice(0, index).split('\n').length
  const blocks = [...text.matchAll(fence)].map(({ 1: language = '', 2: info = '', 3: body = '', index }) => ({
    language,
    file: /^file=(\S+)$/.exec(info)?.[1],
    isOutput: info === 'output',
    text: body,
    line: lineOf(index),
  }))
  // Blanked, not removed, so that lines stay where they are.
  const prose = text.replace(fence, block => block.replace(/[^\n]/g, ' '))
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(({ 1: span = '', index }) => ({
    text: span,
    line: lineOf(index),
  }))
  return { path, text, blocks, prose, spans }
}

/** Every page that people write; the generated ones have a check of their own. */
export function allPages(): readonly Page[] {
  const paths = globSync(['*.md', 'docs/**/*.md'], { cwd: root, exclude: ['docs/generated/**'] })
  return paths
    .map(path => path.replaceAll('\\', '/'))
    .sort()
    .map(readPage)
}
