import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SourceFile } from './source-tree.ts'
import type { Violation } from './violation.ts'

const maxFileLines = 400

/** Files that have grown past what one idea needs, and exports without a name. */
export function checkSources(sources: ReadonlyMap<string, SourceFile>): readonly Violation[] {
  return [...sources.values()].flatMap(({ path: file, text }): Violation[] => {
    const lines = text.split('\n').length - 1
    const tooLong =
      lines > maxFileLines ? [{ file, rule: 'length', text: `${lines} lines, at most ${maxFileLines}` }] : []
    const anonymous = /^export default\b/m.test(text) ? [{ file, rule: 'exports', text: 'a default export' }] : []
    return [...tooLong, ...anonymous]
  })
}

// Put together from parts, so that this file does not contain what it looks for.
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s'"`(=:])\/(home|Users|root|work|mnt)\/[\w.-]+/, 'a path of one machine'],
  [
    /\bhttps?:\/\/(?!registry\.npmjs\.org)[\w.-]*(registry|artifactory|nexus|verdaccio|npm-proxy)[\w.-]*(:\d+)?\//i,
    'a host of a package registry',
  ],
]

const isText = /\.(ts|mjs|js|json|ya?ml|md|sh|txt|toml)$|(^|\/)\.?[\w-]+$/

/** Traces of the machine that a developer works on. */
export function checkTraces(root: string, files: readonly string[]): readonly Violation[] {
  return files
    .filter(file => isText.test(file) && statSync(join(root, file)).isFile())
    .flatMap(file =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((text, index) =>
          forbidden
            .filter(([pattern]) => pattern.test(text))
            .map(([, what]) => ({
              file,
              line: index + 1,
              rule: 'traces',
              text: `${what}: ${text.trim().slice(0, 80)}`,
            })),
        ),
    )
}

/** Relative links of Markdown files that lead nowhere. */
export function checkLinks(root: string, files: readonly string[]): readonly Violation[] {
  return files
    .filter(file => file.endsWith('.md'))
    .flatMap(file => {
      const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, code =>
        code.replace(/[^\n]/g, ' '),
      )
      return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match): Violation[] => {
        const target = match[1] ?? ''
        if (/^[a-z]+:/i.test(target)) return []
        const [path = '', anchor] = target.split('#')
        const at = { file, line: text.slice(0, match.index).split('\n').length, rule: 'links' }
        const full = path === '' ? join(root, file) : join(root, dirname(file), path)
        if (!existsSync(full)) return [{ ...at, text: `the link ${target} leads nowhere` }]
        return anchor === undefined || !full.endsWith('.md') || anchorsOf(full).has(anchor)
          ? []
          : [{ ...at, text: `${path === '' ? 'this page' : path} has no heading #${anchor}` }]
      })
    })
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#{1,6}\s+(.*)$/gm)].map(match => match[1] ?? '')
  return new Set(
    headings.map(h =>
      h
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}
