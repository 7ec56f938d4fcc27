import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { groupOf, groupTests } from './test-groups.ts'

/** Plants files in a folder of their own and groups them. */
async function grouped(t: TestContext, files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'groups-'))
  t.after(() => rm(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `import { beforeEach, test } from 'node:test'\n${text}\n`)
  }
  return groupTests(
    root,
    Object.keys(files).map(path => join(root, path)),
  )
}

test('unit tests of one package share a process; what is left over runs alone', async t => {
  const source = `test('a', () => {})`
  const { files, groups, remove } = await grouped(t, {
    'layer/one/a.test.ts': source,
    'layer/one/src/b.test.ts': source,
    'layer/two/a.test.ts': source,
    'test/http/a.test.ts': source,
    'test/http/b.test.ts': source,
  })
  t.after(remove)
  assert.equal(groups.size, 1)
  assert.deepEqual(files.map(file => file.split('/').slice(-3).join('/')).slice(1), [
    'layer/two/a.test.ts',
    'test/http/a.test.ts',
    'test/http/b.test.ts',
  ])
})

test('a file that changes its process, or asks for it, runs alone', () => {
  const changes = [
    `process.env['A'] = 'b'`,
    `process.env.A = 'b'`,
    `delete process.env['A']`,
    `process.chdir('/')`,
    `t.mock.timers.enable()`,
    `// @alone it takes all the memory`,
  ]
  for (const text of changes) assert.equal(groupOf('layer/one/a.test.ts', `${text}\n`), undefined, text)
  for (const text of [`const a = process.env['A']`, `if (process.env.A === 'b') f()`])
    assert.equal(groupOf('layer/one/a.test.ts', text), 'layer/one', text)
})

test('files that share a process keep their hooks and their load errors to themselves', async t => {
  const { files, remove } = await grouped(t, {
    'layer/one/a.test.ts': `beforeEach(() => { throw new Error('planted') }); test('hook of its own', () => {})`,
    'layer/one/b.test.ts': `throw new Error('does not load')`,
    'layer/one/c.test.ts': `test('good', () => {}); test('good too', () => {})`,
  })
  t.after(remove)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const output = await new Promise<string>(done => {
    execFile(process.execPath, ['--test-reporter=tap', files[0] ?? ''], { env }, (_error, stdout) => done(stdout))
  })
  const results = [...output.matchAll(/^ *((?:not )?ok) \d+ - (.*)$/gm)].map(([, ok, name]) => `${ok} ${name}`)
  assert.deepEqual(results, [
    'not ok hook of its own',
    'not ok layer/one/a.test.ts',
    'not ok layer/one/b.test.ts',
    'ok good',
    'ok good too',
    'ok layer/one/c.test.ts',
  ])
})
