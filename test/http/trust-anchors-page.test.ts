import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readPage, root } from '../docs/pages.ts'
import { signingWith, startPlatform } from './start-platform.ts'

const exec = promisify(execFile)
const { blocks } = readPage('docs/trust-anchors.md')

const runs = await exec('curl', ['--version']).then(
  () => true,
  () => false,
)

test('the commands of the page print what the page says', { skip: !runs && 'curl is not installed' }, async t => {
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  const folder = mkdtempSync(join(tmpdir(), 'marty-page-'))
  t.after(async () => {
    await marty.stop()
    rmSync(folder, { recursive: true })
  })
  const shown = blocks.flatMap((block, at) =>
    block.language === 'sh'
      ? [{ script: block.text, output: blocks[at + 1]?.isOutput ? blocks[at + 1]?.text : '' }]
      : [],
  )
  const script = shown
    .map(({ script }) => `${script}\nprintf '\\n<<<end of a block>>>\\n'\n`)
    .join('')
    .replaceAll('http://127.0.0.1:8080', marty.url)
    .replaceAll('npx mmf-cli', 'mmf-cli')
    .replaceAll('npm run', `npm --prefix '${root}' run`)
  const { stdout } = await exec('bash', ['-c', script], {
    cwd: folder,
    timeout: 240_000,
    env: {
      ...process.env,
      NO_COLOR: '1',
      MARTY_DATA_DIR: marty.dataDirectory,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  })
  const printed = stdout.split('\n<<<end of a block>>>\n')
  assert.equal(printed.length, shown.length + 1, stdout)
  for (const [index, { script, output }] of shown.entries()) assert.equal(printed[index], output, script)
})
