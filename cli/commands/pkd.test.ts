import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { defined } from '@mmf/framework'
import { toPem } from '@mmf/pki'
import { createRoot } from '../../layer/pki/src/testing/index.ts'
import { dscRecord, sha256 } from '../../test/http/support/pkd-directory.ts'
import { type Ran, runCli } from '../../test/http/support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../../test/http/support/start-platform.ts'
import { Failure } from '../failure.ts'
import { type ApiClient, createApiClient } from '../http/api-client.ts'
import { createProgress } from '../http/progress.ts'
import { pkdExport } from './pkd-export.ts'
import { pkdImport } from './pkd-import.ts'
import { pkdLookup } from './pkd-lookup.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-pkd-'))
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(async () => {
  await marty.stop()
  rmSync(folder, { recursive: true })
})

const pkd = (args: readonly string[], token?: string): Promise<Ran> =>
  runCli(['pkd', ...args], { env: { MARTY_URL: marty.url, ...defined({ MARTY_TOKEN: token }) } })

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const csca = createRoot('C=UT, CN=CSCA Utopia')
const dsc = csca.issue('C=UT, CN=DSC').der

const hidden = createProgress({ write: () => {} })
const clientFor = (token?: string, url = marty.url) => createApiClient({ url, token })

async function exported(client: ApiClient, format: string, collection = '001'): Promise<string> {
  const pieces: string[] = []
  const options = { format, collection }
  const result = await pkdExport(client, options, async piece => void pieces.push(piece), hidden)
  assert.equal(result.exitCode, 0)
  return pieces.join('')
}

test('a file is imported, found, and exported again', async () => {
  const administrator = marty.token({ roles: ['pkd_administrator'], permissions: [] })
  const ldif = file('directory.ldif', `version: 1\n\n${dscRecord(dsc)}dn: broken\n\n`)

  const imported = await pkd(['import', ldif, '--source', 'a test'], administrator)

  assert.equal(imported.code, 0, imported.stderr)
  assert.equal(imported.stderr, '', 'no bar where there is no terminal')
  assert.match(imported.stdout, /^import \S+ completed: 2 records: 1 added, 0 updated, 0 unchanged, 1 in quarantine/)
  const found = await pkd(['lookup', '--subject', 'CN=DSC,C=UT'], administrator)
  assert.equal(found.code, 0, found.stderr)
  assert.match(found.stdout, new RegExp(`SHA-256 +${sha256(dsc)}`))
  assert.match(found.stdout, /conformance +unverified: issuer_not_trusted/)
  const output = join(folder, 'export.ldif')
  assert.deepEqual(await pkd(['export', '--output', output], administrator), { code: 0, stdout: '', stderr: '' })
  assert.match(readFileSync(output, 'utf8'), /^version: 1\n\ndn: /)
  const client = clientFor(administrator)
  const again = await pkdImport(client, { file: file('dsc.cer', dsc), json: true }, hidden)
  assert.deepEqual([again.exitCode, JSON.parse(again.stdout ?? '').unchanged], [0, 1])
  const pem = await pkdLookup(client, { fingerprint: sha256(dsc), pem: true })
  assert.equal(pem.stdout, toPem('CERTIFICATE', dsc))
  const entries: { fingerprint: string }[] = JSON.parse(await exported(client, 'json'))
  assert.deepEqual(
    entries.map(({ fingerprint }) => fingerprint),
    [sha256(dsc)],
  )
  assert.deepEqual(JSON.parse(await exported(client, 'json', '003')), [])
})

test('a file that is too large for a request is uploaded', async () => {
  const administrator = marty.token({ roles: ['pkd_administrator'], permissions: [] })
  const large = file('large.ldif', `${`# ${'filling '.repeat(9)}\n`.repeat(50_000)}${dscRecord(dsc)}`)
  const { stdout, exitCode } = await pkdImport(clientFor(administrator), { file: large, json: true }, hidden)
  const { state, processed, size } = JSON.parse(stdout ?? '')
  assert.deepEqual([exitCode, state, processed], [0, 'completed', 1])
  assert.ok(size > 3_500_000)
})

test('what goes wrong is one line and an exit code', async () => {
  const reader = clientFor(marty.token({ roles: [], permissions: [] }))
  const failing: readonly (readonly [string, number, () => Promise<unknown>])[] = [
    ['public_key_not_found', 1, () => pkdLookup(reader, { subject: 'CN=none' })],
    ['authentication_required', 4, () => pkdLookup(clientFor(), { subject: 'CN=none' })],
    ['role_missing', 3, () => pkdImport(reader, { file: file('b.ldif', 'version: 1\n') }, hidden)],
    ['usage_invalid', 2, () => pkdLookup(reader, {})],
    ['file_missing', 2, () => pkdImport(reader, { file: join(folder, 'none.ldif') }, hidden)],
    ['file_is_folder', 2, () => pkdImport(reader, { file: folder }, hidden)],
    ['file_invalid', 2, () => pkdImport(reader, { file: file('what', 'is this') }, hidden)],
    ['usage_invalid', 2, () => pkdImport(reader, { file: file('c.ldif', ''), kind: 'nonsense' }, hidden)],
  ]
  for (const [code, exitCode, command] of failing) {
    const failed = await command().catch((error: unknown) => error)
    assert.ok(failed instanceof Failure, code)
    assert.deepEqual([failed.code, failed.exitCode, failed.message.includes('\n')], [code, exitCode, false])
  }
  const gone = await pkd(['lookup', '--subject', 'CN=a', '--url', 'http://127.0.0.1:1'])
  assert.equal(gone.code, 5)
  assert.match(gone.stderr, /^server_unreachable: http:\/\/127\.0\.0\.1:1 does not answer: .*\n$/)
})

test('a bar on a terminal stays in its line and vanishes; elsewhere there is none', () => {
  const seen: string[] = []
  const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => seen.push(text) })
  const piped = createProgress(stream(false))
  piped.update(1, 2, 'half')
  piped.end()
  assert.deepEqual(seen, [])
  const shown = createProgress(stream(true))
  shown.update(1, 2, 'half')
  shown.update(5, undefined, '5 bytes')
  shown.end()
  assert.deepEqual(seen, ['\r\x1b[2K[############------------] half', '\r\x1b[2K5 bytes', '\r\x1b[2K'])
})
