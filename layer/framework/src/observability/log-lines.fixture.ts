import { mock } from 'node:test'

/** The lines that `work` writes to standard output and standard error, parsed. `work` must be synchronous. */
export function capturedLines(work: () => void): Record<string, unknown>[] {
  let text = ''
  const take = (chunk: unknown): boolean => {
    text += String(chunk)
    return true
  }
  const mocks = [mock.method(process.stdout, 'write', take), mock.method(process.stderr, 'write', take)]
  try {
    work()
  } finally {
    for (const { mock: replaced } of mocks) replaced.restore()
  }
  return parsedLines(text)
}

/** Each line of `text` as JSON. */
export function parsedLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>)
}
