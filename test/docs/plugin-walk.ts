import assert from 'node:assert/strict'
import { readPage } from './pages.ts'

/** Where the transcript is, relative to the root. */
export const transcript = 'docs/generated/plugin-walk.md'

/** What one command said, and took in seconds. */
export interface Walked {
  readonly clock: number
  readonly processor: number
  readonly said: string
}

/** The commands of `docs/plugin-api.md` from an empty folder to the first HTTP call: those before the server, it, and those in another shell. */
export function walkSteps() {
  const { blocks, text } = readPage('docs/plugin-api.md')
  const lineOf = (heading: string) => text.split('\n').indexOf(heading) + 1
  const [from, to] = [lineOf('### From an empty folder'), lineOf('## A complete plugin')]
  const [first, server, other, ...more] = blocks
    .filter(({ language, line }) => language === 'sh' && line > from && line < to)
    .map(block => block.text.trim())
  assert.ok(from > 0 && first !== undefined && server !== undefined && other !== undefined && more.length === 0)
  return { before: first.split('\n'), server, after: other.split('\n') }
}

export function walkCommands(): readonly string[] {
  const { before, server, after } = walkSteps()
  return [...before, server, ...after]
}

const linesShown = 8

function shown(said: string): string {
  const lines = said.split('\n').filter(line => line.trim() !== '')
  return lines.length > linesShown ? [...lines.slice(0, linesShown), '…'].join('\n') : lines.join('\n')
}

/** The transcript of one run. */
export function walkPage(walked: readonly (Walked & { readonly command: string })[]): string {
  const sum = (pick: (step: Walked) => number) => walked.reduce((total, step) => total + pick(step), 0).toFixed(1)
  const steps = walked.map(({ command, clock, processor, said }) => {
    const times = `${clock.toFixed(1)} s, ${processor.toFixed(1)} s of processor time`
    return [`\`${command}\` · ${times}`, ...(said === '' ? [] : [`\`\`\`text\n${shown(said)}\n\`\`\``]), ''].join(
      '\n\n',
    )
  })
  return `# From an empty folder to the first HTTP call

Written by \`npm run test:packages -- --walk\`, which does what [the page for authors](../plugin-api.md#from-an-empty-folder) says. The processor time of the server is that of the line \`Ctrl-C\`.

${steps.join('\n').replaceAll(/\n{3,}/g, '\n\n')}
Together: ${sum(step => step.clock)} s, ${sum(step => step.processor)} s of processor time.
`
}
