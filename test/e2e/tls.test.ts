import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { runCli } from '../http/support/run-cli.ts'
import { missingPrograms } from '../http/support/run-page.ts'
import { ensureBuilt } from './ensure-built.ts'
import { runMain, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())

/** The variables before `npm start`, as they are printed. */
const variablesIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/\b(MMF__\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]))

it('what mmf-cli dev-ca prints works when pasted', { skip: missingPrograms('curl') }, async t => {
  const made = await runCli(['dev-ca', '--out', join(folder.path, 'ca')])
  assert.equal(made.code, 0, made.stderr)
  const tls = variablesIn(made.stdout)
  assert.equal(Object.keys(tls).length, 4)
  const env = {
    ...tls,
    MARTY_DATA_DIR: join(folder.path, 'data'),
    MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
  }
  const marty = await startMain(env)
  t.after(() => marty.stop('SIGKILL'))
  assert.match(marty.url, /^https:/)
  assert.match(marty.stdout(), /export CURL_CA_BUNDLE=/)

  const [curl = ''] = /curl .*$/m.exec(made.stdout) ?? []
  const run = (command: string) =>
    spawnSync('bash', ['-c', command.replace('curl', 'curl -s'), '-'], { encoding: 'utf8' })
  const here = curl.replace('https://127.0.0.1:8080', marty.url)
  assert.equal(JSON.parse(run(here).stdout).status, 'healthy')
  assert.notEqual(run(here.replace(/--cert \S+ --key \S+/, '')).status, 0, 'without a certificate the connection ends')

  const key = tls['MMF__tls__key'] ?? ''
  const open = join(folder.path, 'open.key')
  writeFileSync(open, readFileSync(key), { mode: 0o644 })
  const { code, stderr } = await runMain({ ...env, MMF__tls__key: open })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^config_invalid: .*tls\.key: .*open\.key: other users can read it \(mode 644\): chmod 600 it\n$/,
  )
})
