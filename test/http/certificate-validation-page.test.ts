import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { signingWith, startPlatform } from './start-platform.ts'

const exec = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/certificate-validation.md'), 'utf8')

/** What the page runs, block by block, with the output it shows, if any. */
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text output\n([\s\S]*?)^```)?/gm)].map(
  ([, script = '', output]) => ({ script, output }),
)

async function missing(...programs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    programs.map(name =>
      exec(name, [name === 'openssl' ? 'version' : '--version'])
        .then(() => true)
        .catch(() => false),
    ),
  )
  return programs.filter((_, index) => !found[index])
}

const without = await missing('bash', 'curl', 'openssl')
const skip = without.length === 0 ? false : `${without.join(', ')} is not installed`

test('the commands of the page print what the page says', { skip }, async t => {
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  const folder = mkdtempSync(join(tmpdir(), 'marty-page-'))
  t.after(async () => {
    await marty.stop()
    rmSync(folder, { recursive: true })
  })
  const script = blocks
    .map(block => `${block.script}\nprintf '\\n<<<end of a block>>>\\n'\n`)
    .join('')
    .replaceAll('http://127.0.0.1:8080', marty.url)
    .replaceAll('npm run -s cli --', 'mmf-cli')
  const { stdout } = await exec('bash', ['-c', script], {
    cwd: folder,
    timeout: 60_000,
    env: {
      ...process.env,
      NO_COLOR: '1',
      MARTY_DATA_DIR: marty.dataDirectory,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  })
  const printed = stdout.split('\n<<<end of a block>>>\n')
  assert.equal(printed.length, blocks.length + 1, stdout)
  assert.ok(blocks.filter(({ output }) => output !== undefined).length >= 5)
  for (const [index, { output = '', script: shown }] of blocks.entries()) {
    assert.equal(printed[index], output, shown)
  }
})
