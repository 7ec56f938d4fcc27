import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { ensureBuilt } from '../e2e/ensure-built.ts'
import { paste, toolsMissing } from '../e2e/pasted-commands.ts'
import { startMain, temporaryFolder } from '../e2e/start-main.ts'
import { readPage, root } from './pages.ts'

const page = readPage('README.md')

before(ensureBuilt)

test('the commands under "Sign a file, verify it" work when pasted', { skip: toolsMissing() }, async t => {
  const folder = temporaryFolder()
  t.after(() => folder.remove())
  const data = join(folder.path, 'data')
  const marty = await startMain({ MARTY_DATA_DIR: data })
  t.after(() => marty.stop('SIGKILL'))
  const [start = '', end = ''] = ['## Sign a file, verify it', '## How it is built']
  const lines = (heading: string) => page.text.slice(0, page.text.indexOf(heading)).split('\n').length
  const commands = page.blocks.filter(({ line }) => line > lines(start) && line < lines(end)).map(({ text }) => text)
  assert.equal(commands.length, 2)

  const printed = paste(
    commands
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', marty.url)
      .replace('cli -- token', `cli -- token --data-dir '${data}'`),
  )

  assert.match(printed, /"signatureId":"/)
  assert.match(printed, /\{"valid":true\}/)
  assert.match(printed, /Verified OK/)
})

test('the folders of its table are there', () => {
  const folders = [...page.prose.matchAll(/^\| (`.+?`) \| /gm)].flatMap(([, cell = '']) => cell.match(/[\w/]+/g) ?? [])
  assert.ok(folders.length > 5)
  assert.deepEqual(
    folders.filter(folder => !existsSync(join(root, folder))),
    [],
  )
})
