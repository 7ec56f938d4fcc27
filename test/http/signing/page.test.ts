import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readPage } from '../../docs/pages.ts'
import { missingPrograms, runPage } from '../support/run-page.ts'

const path = 'docs/signing.md'
const skip = missingPrograms('bash', 'curl', 'openssl')

test('the commands of the page print what the page says, and Python agrees', { skip }, async t => {
  const folder = await runPage(t, path)
  const program = readPage(path).blocks.find(({ language }) => language === 'python')?.text ?? ''
  assert.match(program, /key\.verify/)
  if (spawnSync('python3', ['-c', 'import cryptography']).status !== 0) {
    t.diagnostic('the Python program was not run: python3 with the package cryptography is not installed')
    return
  }
  const verify = () => spawnSync('python3', ['-c', program], { cwd: folder, encoding: 'utf8' })
  assert.equal(verify().status, 0, verify().stderr)
  writeFileSync(join(folder, 'contract.txt'), 'The contract, changed.\n')
  assert.match(verify().stderr, /InvalidSignature/)
})
