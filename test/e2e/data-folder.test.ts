import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { childEnvironment } from '../support/child-environment.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type LaunchOptions, type Running, root, runMain, startMain, temporaryFolder } from './start-main.ts'

const folder = temporaryFolder()
after(() => folder.remove())
const fast = { MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }
const used = join(folder.path, 'used')

before(async () => {
  await ensureBuilt()
  await serving(used)
})

/** Serves from a folder, and ends it whatever happens. */
async function serving(data: string, use: (marty: Running) => Promise<void> = async () => {}): Promise<void> {
  const marty = await startMain({ ...fast, MARTY_DATA_DIR: data })
  try {
    await use(marty)
    assert.equal(await marty.stop(), 0, marty.stderr())
  } finally {
    await marty.stop('SIGKILL')
  }
}

/** It did not start, says why in one line, and has left everything as it was. */
async function refusal(data: string, options: LaunchOptions = {}): Promise<string> {
  const before = snapshot(data)
  const { code, stdout, stderr } = await runMain({ ...fast, MARTY_DATA_DIR: data }, options)
  assert.equal(code, 1, `${stdout}${stderr}`)
  assert.equal(stdout.replace(/^\{.*\}\n/gm, ''), '')
  assert.match(stderr, /^[^\n]+\n$/, 'one line')
  assert.doesNotMatch(stderr, /\n\s+at |Error:/, 'no stack')
  assert.deepEqual(snapshot(data), before)
  return stderr
}

/** Names and contents; of those that are open while a process runs, the names of the database's helpers come and go. */
function snapshot(data: string): Record<string, string> {
  if (!existsSync(data) || !statSync(data).isDirectory()) return {}
  const names = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
    name => !/-(wal|shm)$|^holder/.test(name),
  )
  return Object.fromEntries(
    names.sort().map(name => {
      const path = join(data, name)
      return [name, statSync(path).isDirectory() ? 'folder' : readFileSync(path, 'hex')]
    }),
  )
}

const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs']

/** Modes do not bind root, and another user is needed to own things. */
function droppingMissing(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start a process as another user'
  const [command = '', ...args] = [
    ...asNobody,
    process.execPath,
    '-e',
    `require('fs').readFileSync(${JSON.stringify(join(root, 'package.json'))})`,
  ]
  return spawnSync(command, args).status === 0 ? false : 'setpriv is missing, or another user cannot read this checkout'
}

let copies = 0
/** A copy of a folder that was served from, with its secret. */
function copy(): string {
  const data = join(folder.path, `copy-${copies++}`)
  cpSync(used, data, { recursive: true })
  cpSync(`${used}-secret`, `${data}-secret`, { recursive: true })
  return data
}

const keyFile = (data: string): string => {
  const name = readdirSync(join(data, 'keys')).find(file => file !== 'store.json')
  assert.ok(name)
  return join(data, 'keys', name)
}

describe('it does not start over a data folder that is broken half-way', () => {
  const damages: Record<string, readonly [(data: string) => void, RegExp]> = {
    'keys without a database': [
      data => {
        for (const name of readdirSync(data)) if (name.startsWith('data.sqlite')) rmSync(join(data, name))
      },
      /^data_folder_incomplete: .*data\.sqlite is missing or empty, and 2 keys are there.*begin-anew/,
    ],
    'keys and an empty database': [
      data => truncateSync(join(data, 'data.sqlite')),
      /^data_folder_incomplete: .*missing or empty/,
    ],
    'a database without its keys': [
      data => rmSync(join(data, 'keys'), { recursive: true }),
      /^data_folder_incomplete: .*keys\/[0-9a-f]{64}\.json is missing, the key of version 1 of (audit_log-ecc-nist-edwards25519|document_signer-ecc-nist-p256)/,
    ],
    'keys without their store': [
      data => rmSync(join(data, 'keys/store.json')),
      /^data_folder_incomplete: .*keys\/store\.json is missing/,
    ],
    'a key file that was damaged': [
      data =>
        writeFileSync(
          keyFile(data),
          readFileSync(keyFile(data), 'utf8').replace(/"ciphertext": "..../, '"ciphertext": "AAAA'),
        ),
      /^key_service_unavailable: .*key/,
    ],
    'a database that is none': [
      data =>
        writeFileSync(join(data, 'data.sqlite'), 'this is no database at all, but long enough to look at'.repeat(100)),
      /^database_unavailable: .*data\.sqlite: file is not a database/,
    ],
    'a file where the keys should be': [
      data => {
        rmSync(join(data, 'keys'), { recursive: true })
        writeFileSync(join(data, 'keys'), '')
      },
      /^data_folder_unusable: .*keys.*a file is in the way/,
    ],
    'a token key that others could read': [
      data => chmodSync(join(data, 'issuer/token-key.pem'), 0o644),
      /^data_folder_unusable: .*token-key\.pem.*chmod 600/,
    ],
  }
  for (const [name, [damage, said]] of Object.entries(damages)) {
    it(name, async () => {
      const data = copy()
      damage(data)
      assert.match(await refusal(data), said)
    })
  }

  it('a database whose keys are those of another folder', async () => {
    const other = join(folder.path, 'other')
    await serving(other)
    const data = copy()
    copyFileSync(join(other, 'data.sqlite'), join(data, 'data.sqlite'))
    assert.match(await refusal(data), /^data_folder_incomplete: .*is missing, the key of version 1/)
  })
})

describe('it does not start where it cannot write', () => {
  it('a file where the folder should be, or above it', async () => {
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    assert.match(await refusal(file), /^data_folder_unusable: .*file: EEXIST: a file is in the way; set MARTY_DATA_DIR/)
    assert.match(await refusal(join(file, 'data')), /^data_folder_unusable: .*ENOTDIR: a file is in the way/)
  })

  it('a folder of another user', { skip: droppingMissing() }, async () => {
    const data = copy()
    assert.match(await refusal(data, { through: asNobody }), /^data_folder_unusable: .*EACCES: give it to the user/)
    const closed = join(folder.path, 'closed')
    mkdirSync(closed, { mode: 0o755 })
    chmodSync(folder.path, 0o755)
    assert.match(
      await refusal(join(closed, 'data'), { through: asNobody }),
      /^data_folder_unusable: .*EACCES: give it to the user/,
    )
  })

  it('a checkout of another user', { skip: droppingMissing() }, () => {
    const [command = '', ...args] = [...asNobody, process.execPath, 'tools/start.mjs']
    const env = { ...childEnvironment(), PORT: '0', MARTY_DATA_DIR: join(folder.path, 'never') }
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', timeout: 30_000 })
    assert.equal(status, 1, stdout + stderr)
    assert.match(
      stderr,
      /^EACCES: permission denied, [^\n]*: nothing can be built in [^\n]*a folder that this user can write[^\n]*\n$/,
    )
    assert.equal(existsSync(join(folder.path, 'never')), false)
  })

  it('a folder that its user may not write', { skip: droppingMissing() }, async () => {
    chmodSync(folder.path, 0o755)
    const data = join(folder.path, 'read-only')
    mkdirSync(data)
    chownSync(data, 65534, 65534)
    chmodSync(data, 0o500)
    assert.match(await refusal(data, { through: asNobody }), /^data_folder_unusable: .*read-only.*EACCES/)
  })
})

describe('a data folder', () => {
  it('is served from by one process only; another one names it, and says how to go on', async () => {
    const data = copy()
    await serving(data, async first => {
      const said = await refusal(data)
      const named = `^data_folder_in_use: .*${basename(data)} is used by process ${first.child.pid}: stop it, or set MARTY_DATA_DIR`
      assert.match(said, new RegExp(named))
    })
    const killed = await startMain({ ...fast, MARTY_DATA_DIR: data })
    await killed.stop('SIGKILL')
    await serving(data)
  })

  it('whose first start was cut off after its keys were made starts again', async () => {
    const data = copy()
    for (const name of readdirSync(data)) if (name.startsWith('data.sqlite')) rmSync(join(data, name))
    writeFileSync(join(data, 'first-start'), '')
    await serving(data, async () => assert.equal(existsSync(join(data, 'first-start')), false))
  })

  it('of version 0.1 is served from as it is', async () => {
    const data = copy()
    // As 0.1 left it: no file of the holder, no table for probes, a database with the mode of the umask.
    rmSync(join(data, 'holder.sqlite'))
    const connection = new DatabaseSync(join(data, 'data.sqlite'))
    connection.exec('DROP TABLE mmf_probe')
    connection.close()
    chmodSync(join(data, 'data.sqlite'), 0o644)
    const key = readFileSync(keyFile(data), 'utf8')
    await serving(data, async ({ url }) => assert.equal((await fetch(`${url}/ready`)).status, 200))
    assert.equal(readFileSync(keyFile(data), 'utf8'), key)
  })

  it('is set aside by a command, whole, and not while it is served from; the next start begins anew', async () => {
    const data = copy()
    const command = () =>
      spawnSync(process.execPath, ['cli/main.ts', 'data', 'begin-anew', '--data-dir', data], {
        cwd: root,
        env: childEnvironment(),
        encoding: 'utf8',
      })
    await serving(data, async () => {
      const { status, stderr } = command()
      assert.equal(status, 1, stderr)
      assert.match(stderr, /^data_folder_in_use: .*stop it/)
    })
    rmSync(join(data, 'data.sqlite'))
    await refusal(data)
    const kept = snapshot(data)
    const { status, stdout, stderr } = command()
    assert.equal(status, 0, stderr)
    const [aside = '', secret = ''] = [...stdout.matchAll(/^kept in (.*)$/gm)].map(([, path = '']) => path)
    assert.deepEqual(snapshot(aside), kept)
    assert.ok(existsSync(join(secret, 'keys.passphrase')))
    assert.equal(existsSync(data), false)
    assert.equal(command().status, 2, 'there is none any more')
    await serving(data)
    assert.notEqual(basename(keyFile(data)), basename(keyFile(aside)))
  })

  it('that others can read is closed to them, and the log says so', {
    skip: process.platform === 'win32' && 'no modes',
  }, async () => {
    const data = copy()
    const opened = [data, join(data, 'data.sqlite'), join(data, 'keys'), keyFile(data)]
    for (const path of opened) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644)
    await serving(data, async marty => {
      for (const path of opened) assert.equal(statSync(path).mode & 0o077, 0, path)
      const line = marty
        .stdout()
        .split('\n')
        .find(text => text.includes('their modes were changed'))
      const { mended } = JSON.parse(line ?? '{}')
      for (const path of opened) assert.ok(mended.includes(path), path)
      for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o077, 0, name)
    })
  })
})
