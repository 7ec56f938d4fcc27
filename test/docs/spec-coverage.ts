/** What a line of docs/spec-coverage.md may say about the original's line. */
const answers = ['yes', 'differently', 'in part', 'not yet'] as const

interface CoverageRow {
  readonly line: number
  /** The heading, block, name or promise of the original, in short. */
  readonly original: string
  readonly answer: string
  readonly meaning: string
  readonly proofs: string
}

export interface Repository {
  /** The text of a file below the root; undefined where there is none. */
  readonly read: (path: string) => string | undefined
}

/** The rows of the tables of the page: those of four cells, without headings and rules. */
export function coverageRows(page: string): readonly CoverageRow[] {
  return page.split('\n').flatMap((text, index) => {
    if (!text.startsWith('|') || /^\|[-| ]+\|$/.test(text)) return []
    const [original = '', answer = '', meaning = '', ...proofs] = text
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim())
    if (answer === 'holds') return []
    return [{ line: index + 1, original, answer, meaning, proofs: proofs.join('|') }]
  })
}

const decisionLinks = (text: string) => [...text.matchAll(/\[\d{4}\]\((decisions\/\d{4}-[a-z0-9-]+\.md)\)/g)]
const quoted = (title: string) => [`'${title.replaceAll("'", "\\'")}'`, `'${title}'`, `"${title}"`, `\`${title}\``]

function proofMistakes(proof: string, { read }: Repository): readonly string[] {
  const [, path = '', title = ''] = /^`([^`]+)` › (.+)$/.exec(proof) ?? []
  if (path === '') return [`is no proof of the form \`file\` › title: ${proof}`]
  const source = read(path)
  if (source === undefined) return [`names a file that is not there: ${path}`]
  const calls = ['test', 'it', 'describe'].flatMap(call => quoted(title).map(text => `${call}(${text}`))
  const packed = source.replace(/\b(test|it|describe)\(\s+/g, '$1(')
  return calls.some(call => packed.includes(call)) ? [] : [`names a test that ${path} has not: ${title}`]
}

function rowMistakes(row: CoverageRow, repository: Repository): readonly string[] {
  const { original, answer, meaning, proofs } = row
  const mistakes: string[] = []
  if (original === '' || meaning === '') mistakes.push('has an empty cell')
  if (!answers.some(known => known === answer))
    mistakes.push(`answers "${answer}", which is none of ${answers.join(', ')}`)
  const links = decisionLinks(meaning).map(([, path = '']) => path)
  for (const link of links) {
    if (repository.read(`docs/${link}`) === undefined) mistakes.push(`names a decision that is not there: ${link}`)
  }
  if (answer === 'differently' && links.length === 0) mistakes.push('is meant differently and names no decision')
  if (answer === 'not yet') {
    if (proofs !== '–') mistakes.push('does not hold and names a proof')
    return mistakes
  }
  return [...mistakes, ...proofs.split('<br>').flatMap(proof => proofMistakes(proof.trim(), repository))]
}

/** What is wrong with the page itself, each with its line. */
export function coverageMistakes(page: string, repository: Repository): readonly string[] {
  const rows = coverageRows(page)
  if (rows.length === 0) return ['the page has no rows']
  return rows.flatMap(row =>
    rowMistakes(row, repository).map(mistake => `line ${row.line}, ${row.original}: ${mistake}`),
  )
}

/** The headings and fenced blocks of the original, as the first cells of the page name them. */
export function linesOfOriginal(text: string): readonly string[] {
  const found: string[] = []
  let open = false
  let blocks = 0
  for (const line of text.split('\n')) {
    const fence = /^\s*```(\w*)/.exec(line)
    if (fence !== null) {
      if (!open) found.push(`block ${++blocks} (${fence[1] || 'text'})`)
      open = !open
      continue
    }
    const heading = /^#+ (.+)$/.exec(line)?.[1]
    if (heading !== undefined && !open) found.push(`heading ${heading.trim()}`)
  }
  return found
}

/** Lines of the original without a row; one that is there twice needs two. */
export function missingLines(page: string, original: string): readonly string[] {
  const names = coverageRows(page).map(({ original: cell }) => cell.split(':')[0]?.trim() ?? '')
  return linesOfOriginal(original).filter(name => {
    const at = names.indexOf(name.split(':')[0]?.trim() ?? '')
    if (at < 0) return true
    names.splice(at, 1)
    return false
  })
}
