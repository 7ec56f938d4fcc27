import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodes } from '../../../cli/exit-codes.ts'
import { readPage } from '../../docs/pages.ts'
import { missingPrograms, runPage } from '../support/run-page.ts'

const path = 'docs/cli.md'

test('the commands of the page print what the page says', { skip: missingPrograms('bash') }, async t => {
  await runPage(t, path)
})

test('the table of exit codes on the page is that of the code', () => {
  const rows = [...readPage(path).text.matchAll(/^\| (\d) \| (.*) \|$/gm)].map(([, code, meaning]) => ({
    code: Number(code),
    meaning,
  }))
  assert.deepEqual(rows, Object.values(exitCodes))
})
