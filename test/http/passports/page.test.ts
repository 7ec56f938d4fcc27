import { test } from 'node:test'
import { missingPrograms, runPage } from '../support/run-page.ts'

const skip = missingPrograms('bash', 'curl', 'openssl')

test('the commands of the page print what the page says', { skip }, async t => {
  await runPage(t, 'docs/passports.md')
})
