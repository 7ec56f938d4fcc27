import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../test/http/support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../../test/http/support/start-platform.ts'
import { administrator, csca, listSigner, masterList, sha256 } from '../../test/http/support/trust-anchors.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-trust-'))
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(async () => {
  await marty.stop()
  rmSync(folder, { recursive: true })
})

const trust = (...args: string[]) =>
  runCli(['trust', ...args], { env: { MARTY_URL: marty.url, MARTY_TOKEN: administrator(marty) } })

const file = (name: string, content: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const [home, other, later] = [csca('UT'), csca('UU'), csca('UV')]
const signer = listSigner(home, 'UT')
const list = (day: string, certificates: readonly Uint8Array[]) =>
  file(`${day}.ml`, masterList({ certificates, signer, signingTime: new Date(`${day}T00:00:00Z`) }))
const first = list('2026-01-01', [home.der, other.der])
const second = list('2026-02-01', [home.der, later.der])

test('lists are compared, imported, listed; an anchor is distrusted and has a history', async () => {
  const diff = await trust('diff', first, second)
  assert.deepEqual([diff.code, diff.stderr], [0, ''])
  assert.match(diff.stdout, new RegExp(`^\\+ UV ${sha256(later.der)} .*\\n- UU ${sha256(other.der)} `))
  assert.match(diff.stdout, /UU \+0 -1, UV \+1 -0\n1 added, 1 removed, 1 unchanged\n$/)

  const refused = await trust('import', first, '--source', 'UT')
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /^master_list_untrusted: /)
  const imported = await trust('import', first, '--source', 'UT', '--trusted-signer', sha256(home.der), '--json')
  assert.equal(imported.code, 0, imported.stderr)
  assert.equal(imported.stderr, '', 'no bar where there is no terminal')
  assert.deepEqual([JSON.parse(imported.stdout).generation, JSON.parse(imported.stdout).counts.added], [1, 2])
  const dry = await trust('import', second, '--source', 'UT', '--dry-run')
  assert.match(dry.stdout, /^\+ UV .*\n- UU .*\nUT of 2026-02-01T00:00:00.000Z: nothing was changed\n/)
  assert.equal((await trust('import', second, '--source', 'UT')).code, 0)
  const older = await trust('import', first, '--source', 'UT')
  assert.deepEqual([older.code, /^master_list_older: /.test(older.stderr)], [3, true], older.stderr)

  const distrusted = await trust('distrust', sha256(later.der), '--reason', 'stolen')
  assert.equal(distrusted.stdout, `${sha256(later.der)} distrusted, generation 3\n`)
  const listed = await trust('list', '--status', 'distrusted')
  assert.match(
    listed.stdout,
    new RegExp(`^${sha256(later.der)} UV distrusted \\(stolen\\) .*\\ngeneration 3: 1 entries\\n$`),
  )
  const history = await trust('history', sha256(later.der))
  assert.match(
    history.stdout,
    /^2 \S+ trusted master_list_imported by admin-1\n3 \S+ distrusted anchor_distrusted by admin-1: stolen\n$/,
  )
  const store = await trust('history')
  assert.equal(store.stdout.split('\n').length, 4)
})

test('wrong calls and refusals have different exit codes', async () => {
  const missing = await trust('import', join(folder, 'nothing.ml'), '--source', 'UT')
  assert.deepEqual([missing.code, /nothing\.ml/.test(missing.stderr)], [2, true])
  assert.equal((await trust('import', first)).code, 2, 'a source is needed')
  const noList = await trust('diff', first, file('no.ml', Buffer.from('no list')))
  assert.deepEqual([noList.code, /no\.ml/.test(noList.stderr)], [2, true])
})
