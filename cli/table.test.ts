import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { profiles } from '@mmf/pki'
import { plain } from './colours.ts'
import { createProgram } from './program.ts'
import { table } from './table.ts'

/** The words of an example, as a shell makes them, up to where its output goes. */
function wordsOf(call: string): readonly string[] {
  const words = (call.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map(word => word.replace(/^(['"])(.*)\1$/, '$2'))
  const end = words.findIndex(word => word === '>' || word === '<')
  return end === -1 ? words : words.slice(0, end)
}

test('every example is a call of its command that is understood', async () => {
  for (const row of table.commands) {
    for (const { call } of row.examples) {
      const ran: string[] = []
      const program = createProgram(table, {
        version: '0.0.0',
        env: {},
        colours: plain,
        writeErr: text => assert.fail(`${call}: ${text}`),
        run: async ({ path }) => void ran.push(path),
      })
      await program.parseAsync([...wordsOf(call)], { from: 'user' })
      assert.deepEqual(ran, [row.path], call)
    }
  }
})

test('a row is there once, and its names are', () => {
  const paths = table.commands.map(({ path }) => path)
  assert.deepEqual(paths, [...new Set(paths)])
  for (const { path, options = [], arguments: given = [] } of table.commands) {
    const names = [...options, ...given].map(({ name }) => name)
    assert.deepEqual(names, [...new Set(names)], path)
  }
})

test('the profiles of `cert validate` are those of the package', () => {
  const row = table.commands.find(({ path }) => path === 'cert validate')
  const allowed = row?.options?.find(({ name }) => name === 'profile')?.allowed
  assert.deepEqual([...(allowed ?? [])].sort(), Object.keys(profiles).sort())
})

test('help loads the table and commander, and nothing of the platform', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { run } = await import(${JSON.stringify(main)})
    await run(['trust', 'list', '--help'])
    process.stderr.write(JSON.stringify(loaded))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  })
  assert.match(stdout, /^Usage: mmf-cli trust list /)
  const files = (JSON.parse(stderr) as string[]).filter(url => url.startsWith('file:'))
  const strange = files.filter(url => !/\/cli\/(?!commands\/|http\/)|\/node_modules\/commander\//.test(url))
  assert.ok(files.length > 10)
  assert.deepEqual(strange, [])
})
