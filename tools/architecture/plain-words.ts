import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'

/** Words that hide who acts or what is done. `docs/glossary.md` has the words to write. */
const riddle = /\b(somebody|whoever|nobody|told)\b/i

const isProduct = ({ path }: SourceFile) => !/^test\/|\.test\.ts$|\/testing\/|[.-]fixture\.ts$/.test(path)

/** Riddles in comments of the product and its tools, in names of tests, and in pages that people write. Code, and names in backticks, may say what they must. */
export function checkWords(
  root: string,
  sources: ReadonlyMap<string, SourceFile>,
  files: readonly string[],
): readonly Violation[] {
  const pages = files.filter(file => file.endsWith('.md') && !file.startsWith('docs/generated/'))
  return [
    ...[...sources.values()].filter(isProduct).flatMap(({ path, text }) => riddlesIn(path, commentsOf(text))),
    ...[...sources.values()].flatMap(({ path, text }) => riddlesIn(path, testNamesOf(text))),
    ...pages.flatMap(page => riddlesIn(page, proseOf(readFileSync(join(root, page), 'utf8')))),
  ]
}

function riddlesIn(file: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) => {
    const word = riddle.exec(withoutNames(line))?.[1]
    return word === undefined
      ? []
      : [{ file, line: index + 1, rule: 'words', text: `"${word}": name the subject that acts (docs/glossary.md)` }]
  })
}

const withoutNames = (line: string): string => line.replace(/`[^`]*`/g, '')

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

const proseOf = (page: string): string => page.replace(/^```[\s\S]*?^```$/gm, blank)

/** A line of a comment, or the comment at the end of a line: as formatted code has them, so that no string has to be parsed. */
const comment = /^\s*(?:\/\/|\/?\*)(.*)$|\s\/(?:\/|\*+)\s(.*)$/

/** The comments of a source, each on its line; everything else is empty. */
const commentsOf = (source: string): string =>
  source
    .split('\n')
    .map(line => comment.exec(line)?.slice(1).join('') ?? '')
    .join('\n')

const testName = /\b(?:test|it|describe|suite)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/g

/** The names of the tests of a source, each on its line. */
function testNamesOf(source: string): string {
  const lines = source.split('\n').map(() => '')
  for (const { index, 0: whole, 2: name = '' } of source.matchAll(testName)) {
    const line = source.slice(0, index + whole.length).split('\n').length - 1
    lines[line] = `${lines[line]} ${name.replaceAll('\n', ' ')}`
  }
  return lines.join('\n')
}
