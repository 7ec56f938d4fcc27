import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as T from '../src/testing/index.ts'
import { toPem } from '../src/x509/pem.ts'

const documentFile = new URL('../../../docs/pki.md', import.meta.url)
const packageFolder = new URL('../src/index.ts', import.meta.url).href

/** Each example of the document with what it is said to print. */
const examples = [...readFileSync(documentFile, 'utf8').matchAll(/```ts\n(.*?)```\n+```text\n(.*?)```/gs)].map(
  ([, code = '', output = '']) => ({ code, output }),
)

/** Stands between what two examples print. */
const marker = '=== next example ==='

describe('docs/pki.md', () => {
  let folder = ''
  let printed: readonly string[] = []

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pki-docs-'))
    const root = T.createRoot('C=UT, O=Example, CN=Example Root')
    const ca = root.subordinate('C=UT, O=Example, CN=Example CA')
    const extra = [T.subjectAltName([{ dns: 'www.example.test' }]), T.extendedKeyUsage(['serverAuth'])]
    const server = ca.issue('CN=www.example.test', { extra })
    const extensions = [T.crlNumber(1)]
    const crls = [root.crl({ extensions }), ca.crl({ extensions })]
    writeFileSync(join(folder, 'roots.pem'), toPem('CERTIFICATE', root.der))
    writeFileSync(join(folder, 'intermediates.pem'), toPem('CERTIFICATE', ca.der))
    writeFileSync(join(folder, 'server.pem'), toPem('CERTIFICATE', server.der))
    writeFileSync(join(folder, 'crls.pem'), crls.map(crl => toPem('X509 CRL', crl)).join(''))
    printed = runExamples(folder)
  })

  after(() => rmSync(folder, { recursive: true }))

  test('has examples, each with its output', () => {
    const blocks = readFileSync(documentFile, 'utf8').match(/```ts\n/g)?.length
    assert.ok(examples.length > 5)
    assert.equal(examples.length, blocks)
  })

  for (const [index, { output }] of examples.entries()) {
    test(`example ${index + 1} prints what it says`, () => assert.equal(printed[index], output))
  }
})

/** Runs the examples one after the other in one process, in the folder their files are in. */
function runExamples(folder: string): readonly string[] {
  for (const [index, { code }] of examples.entries()) {
    writeFileSync(join(folder, `example-${index}.mjs`), code.replaceAll("'@mmf/pki'", JSON.stringify(packageFolder)))
  }
  const steps = examples.map((_, index) => `await import('./example-${index}.mjs')\n`)
  writeFileSync(join(folder, 'all.mjs'), steps.join(`console.log('${marker}')\n`))
  const env = { NO_COLOR: '1' }
  return execFileSync(process.execPath, ['all.mjs'], { cwd: folder, encoding: 'utf8', env }).split(`${marker}\n`)
}
