import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toPem } from '@mmf/pki'
import { createRoot } from '../../layer/pki/src/testing/index.ts'
import { dscRecord, sha256 } from '../../test/http/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../../test/http/start-platform.ts'
import { createProgress } from '../http/progress.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-pkd-'))
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(async () => {
  await marty.stop()
  rmSync(folder, { recursive: true })
})

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function pkd(args: readonly string[], token?: string): Promise<Ran> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    MARTY_URL: marty.url,
    ...(token === undefined ? {} : { MARTY_TOKEN: token }),
  }
  const child = spawn(process.execPath, ['cli/main.ts', 'pkd', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const read = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => (read.stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (read.stderr += text))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, ...read }
}

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const csca = createRoot('C=UT, CN=CSCA Utopia')
const dsc = csca.issue('C=UT, CN=DSC').der

test('a file is imported, found, and exported again', async () => {
  const administrator = marty.token({ roles: ['pkd_administrator'], permissions: [] })
  const ldif = file('directory.ldif', `version: 1\n\n${dscRecord(dsc)}dn: broken\n\n`)

  const imported = await pkd(['import', ldif, '--source', 'a test'], administrator)

  assert.equal(imported.code, 0, imported.stderr)
  assert.equal(imported.stderr, '', 'no bar where there is no terminal')
  assert.match(imported.stdout, /^import \S+ completed: 2 records: 1 added, 0 updated, 0 unchanged, 1 in quarantine/)
  const again = await pkd(['import', file('dsc.cer', dsc), '--json'], administrator)
  assert.deepEqual([again.code, JSON.parse(again.stdout).processed], [0, 1])
  const found = await pkd(['lookup', '--subject', 'CN=DSC,C=UT'], administrator)
  assert.equal(found.code, 0, found.stderr)
  assert.match(found.stdout, new RegExp(`SHA-256 +${sha256(dsc)}`))
  assert.match(found.stdout, /conformance +unverified: issuer_not_trusted/)
  const pem = await pkd(['lookup', '--fingerprint', sha256(dsc), '--pem'], administrator)
  assert.equal(pem.stdout, toPem('CERTIFICATE', dsc))
  const output = join(folder, 'export.ldif')
  const exported = await pkd(['export', '--output', output], administrator)
  assert.deepEqual(exported, { code: 0, stdout: '', stderr: '' })
  assert.match(readFileSync(output, 'utf8'), /^version: 1\n\ndn: /)
  const json = await pkd(['export', '--format', 'json'], administrator)
  assert.deepEqual(
    JSON.parse(json.stdout).map((entry: { fingerprint: string }) => entry.fingerprint),
    [sha256(dsc)],
  )
  assert.deepEqual(
    JSON.parse((await pkd(['export', '--format', 'json', '--collection', '003'], administrator)).stdout),
    [],
  )
})

test('what goes wrong is one line and an exit code', async () => {
  const reader = marty.token({ roles: [], permissions: [] })
  const missing = await pkd(['lookup', '--subject', 'CN=nobody'], reader)
  assert.deepEqual(missing, { code: 1, stdout: '', stderr: 'the directory has no such public key\n' })
  const anonymous = await pkd(['lookup', '--subject', 'CN=nobody'])
  assert.deepEqual([anonymous.code, anonymous.stderr], [1, 'authentication_required: A bearer token is required\n'])
  const forbidden = await pkd(['import', file('b.ldif', 'version: 1\n')], reader)
  assert.deepEqual([forbidden.code, forbidden.stderr.split(':')[0]], [1, 'role_missing'])
  const wrong: (readonly string[])[] = [
    ['lookup'],
    ['import', join(folder, 'none.ldif')],
    ['import', file('what', 'is this')],
    ['import', file('c.ldif', ''), '--kind', 'nonsense'],
    ['export', '--format', 'doc'],
  ]
  for (const args of wrong) {
    const { code, stderr } = await pkd(args, reader)
    assert.equal(code, 2, args.join(' '))
    assert.equal(stderr.split('\n').length, 2)
  }
  const gone = await pkd(['lookup', '--subject', 'CN=a', '--url', 'http://127.0.0.1:1'], reader)
  assert.equal(gone.code, 1)
  assert.match(gone.stderr, /^http:\/\/127\.0\.0\.1:1 does not answer: .*\n$/)
})

test('a bar on a terminal stays in its line and vanishes; elsewhere there is none', () => {
  const seen: string[] = []
  const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => seen.push(text) })
  const hidden = createProgress(stream(false))
  hidden.update(1, 2, 'half')
  hidden.end()
  assert.deepEqual(seen, [])
  const shown = createProgress(stream(true))
  shown.update(1, 2, 'half')
  shown.update(5, undefined, '5 bytes')
  shown.end()
  assert.deepEqual(seen, ['\r\x1b[2K[############------------] half', '\r\x1b[2K5 bytes', '\r\x1b[2K'])
})
