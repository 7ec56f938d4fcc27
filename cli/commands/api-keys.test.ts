import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { readPage, root } from '../../test/docs/pages.ts'
import { runCli } from '../../test/http/support/run-cli.ts'
import { missingPrograms } from '../../test/http/support/run-page.ts'
import { signingWith, startPlatform, type TestPlatform } from '../../test/http/support/start-platform.ts'

let marty: TestPlatform
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'marty-api-keys-'))
  marty = await startPlatform({
    env: {
      ...signingWith('ECDSA-SHA256'),
      MMF__api_keys__grantable_roles: '["document_signer"]',
      MMF__api_keys__grantable_permissions: '["sign_documents"]',
    },
  })
})
after(async () => {
  await marty.stop()
  rmSync(folder, { recursive: true })
})

const environment = (...roles: string[]) => ({
  MARTY_URL: marty.url,
  MARTY_TOKEN: marty.token({ subject: 'ada', roles, permissions: [] }),
})
const keys = (...args: string[]) => runCli(['api-keys', ...args], { env: environment('access_administrator') })
const signer = ['--role', 'document_signer', '--permission', 'sign_documents']
const idOf = (apiKey: string) => apiKey.split('_')[2] ?? ''
const sign = (apiKey: string) =>
  marty.request('POST', '/v1/documents/sign', {
    headers: { 'x-api-key': apiKey },
    body: { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' },
  })

test('a key is made, shown, rotated, listed and revoked', async () => {
  const made = await keys('create', 'archive', ...signer, '--network', '127.0.0.0/8', '--days', '10')
  assert.deepEqual([made.code, /^the key \w{16} of archive, good until /.test(made.stderr)], [0, true], made.stderr)
  const first = made.stdout.trim()
  assert.equal((await sign(first)).status, 201)

  const shown = await keys('show', idOf(first))
  assert.match(shown.stdout, /^holder: archive$/m)
  assert.match(shown.stdout, /^networks: 127\.0\.0\.0\/8$/m)
  assert.ok(!shown.stdout.includes(first.slice(24)))

  const rotated = JSON.parse((await keys('rotate', idOf(first), '--overlap', '3600', '--json')).stdout)
  assert.equal(rotated.key.replaces, idOf(first))
  for (const good of [first, rotated.apiKey]) assert.equal((await sign(good)).status, 201)

  const revoked = await keys('revoke', idOf(first), '--reason', 'replaced')
  assert.equal(revoked.stdout, `${idOf(first)} of archive is revoked: replaced\n`)
  const listed = await keys('list')
  const statuses = listed.stdout.split('\n').map(line => line.split('  ').slice(0, 3).join(' '))
  assert.deepEqual(statuses, [`${rotated.key.id} archive live`, `${idOf(first)} archive revoked`, '2 API keys', ''])
})

test('what is wrong is said', async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['create', 'over', '--role', 'auditor'], 3, /^api_key_grant_refused: .*auditor/],
    [['create', 'over', '--days', 'many'], 2, /^usage_invalid: --days takes a whole number, not many/],
    [['revoke', '0000000000000000', '--reason', 'boredom'], 2, /^usage_invalid: .*Allowed: leaked, replaced/],
    [['revoke', '0000000000000000', '--reason', 'leaked'], 3, /^api_key_not_found: /],
  ]
  for (const [args, code, said] of cases) {
    const ran = await keys(...args)
    assert.equal(ran.code, code, ran.stderr)
    assert.match(ran.stderr, said)
  }
  const stranger = await runCli(['api-keys'], { env: environment('auditor') })
  assert.match(stranger.stderr, /^role_missing: /)
})

test('the drill of docs/runbooks/leaked-api-key.md', { skip: missingPrograms('bash') }, async () => {
  const leaked = (await keys('create', 'till', ...signer)).stdout.trim()
  assert.equal((await sign(leaked)).status, 201)
  const [revocation = '', inquiry = ''] = readPage('docs/runbooks/leaked-api-key.md').blocks.map(({ text }) => text)
  const run = (script: string, role: string) =>
    promisify(execFile)('bash', ['-euc', script.replaceAll('npm run -s cli --', 'mmf-cli')], {
      cwd: folder,
      env: {
        ...process.env,
        ...environment(role),
        // What is found is cut, as scanners show it.
        LEAKED: leaked.slice(0, 30),
        HOLDER: 'till',
        PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      },
    })

  const drill = await run(revocation, 'access_administrator')

  assert.match(drill.stdout, /^status: live$/m)
  assert.match(drill.stdout, new RegExp(`^${idOf(leaked)} of till is revoked: leaked$`, 'm'))
  const next = readFileSync(join(folder, 'next.key'), 'utf8').trim()
  assert.equal((await sign(next)).status, 201)
  const records = (await run(inquiry, 'auditor')).stdout.trim().split('\n')
  assert.deepEqual(
    records.map(record => JSON.parse(record).principal),
    ['api_key#till', 'api_key#till'],
  )
})
