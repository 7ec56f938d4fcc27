import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { signingWith, startPlatform } from './start-platform.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/pkd.md'), 'utf8')

/** What the page runs, block by block, with the output it shows, if any. */
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text output\n([\s\S]*?)^```)?/gm)].map(
  ([, script = '', output]) => ({ script, output }),
)

const missing = ['bash', 'curl', 'openssl'].filter(
  name => spawnSync(name, [name === 'openssl' ? 'version' : '--version']).status !== 0,
)
const skip = missing.length === 0 ? false : `${missing.join(', ')} is not installed`

test('the commands of the page print what the page says', { skip }, async t => {
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  const folder = mkdtempSync(join(tmpdir(), 'marty-page-'))
  t.after(async () => {
    await marty.stop()
    rmSync(folder, { recursive: true })
  })
  const end = '<<<end of a block>>>'
  const script = blocks
    .map(block => `${block.script}\nprintf '\\n${end}\\n'\n`)
    .join('')
    .replaceAll('http://127.0.0.1:8080', marty.url)
    .replaceAll('npm run -s cli --', 'mmf-cli')
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    timeout: 120_000,
    env: {
      ...process.env,
      NO_COLOR: '1',
      MARTY_DATA_DIR: marty.dataDirectory,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  })
  const printed = stdout.split(`\n${end}\n`)
  assert.equal(printed.length, blocks.length + 1, stdout + stderr)
  assert.ok(blocks.filter(({ output }) => output !== undefined).length >= 5)
  for (const [index, { output = '', script: shown }] of blocks.entries())
    assert.equal(printed[index], output, shown + stderr)
})
