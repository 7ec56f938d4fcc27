import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'

const runner = resolve(import.meta.dirname, 'test.ts')

/** Runs `npm test`'s runner over one file in a process of its own, outside the runner this test runs in. */
async function runOver(t: TestContext, source: string): Promise<{ code: number; output: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'reporter-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'planted.test.ts')
  await writeFile(file, `import { after, describe, test } from 'node:test'\n${source}\n`)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return new Promise(done => {
    execFile(process.execPath, [runner, file], { env }, (error, stdout) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout }),
    )
  })
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? ''

test('passing, failing and skipped tests are counted, and a failure decides the exit code', async t => {
  const { code, output } = await runOver(
    t,
    `describe('group', () => {
       test('good', () => {})
       test('bad', () => { throw new Error('planted failure') })
       test('later', { skip: 'no such machine' }, () => {})
     })`,
  )
  assert.equal(lastLine(output), '1 passed, 1 failed, 1 skipped')
  assert.match(output, /planted failure/)
  assert.match(output, /skipped .*later: no such machine/)
  assert.equal(code, 1)
})

test('a file that does not load is a failure', async t => {
  const { code, output } = await runOver(t, `throw new Error('does not load')`)
  assert.equal(lastLine(output), '0 passed, 1 failed, 0 skipped')
  assert.equal(code, 1)
})

test('a run with only passes exits 0', async t => {
  const { code, output } = await runOver(t, `test('a', () => {}); test('b', () => {})`)
  assert.equal(lastLine(output), '2 passed, 0 failed, 0 skipped')
  assert.equal(code, 0)
})

const endings = {
  'before any test': `process.exit(0); test('a', () => {})`,
  'inside a test': `test('a', () => {}); test('b', () => process.exit(0)); test('c', () => { throw new Error('lost') })`,
  'while a test waits': `test('a', async () => { setTimeout(() => process.exit(0), 20); await new Promise(done => setTimeout(done, 2000)) })`,
  'before failures are reported': `after(() => process.exit(0)); test('a', () => { throw new Error('lost') })`,
}

for (const [when, source] of Object.entries(endings)) {
  test(`a file that ends with process.exit(0) ${when} is a failure`, async t => {
    const { code, output } = await runOver(t, source)
    assert.match(lastLine(output), /, 1 failed, 0 skipped$/)
    assert.match(output, /planted\.test\.ts\n.*process\.exit/)
    assert.equal(code, 1)
  })
}
