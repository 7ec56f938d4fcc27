import assert from 'node:assert/strict'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isMmfError } from '../../errors/mmf-error.ts'
import { keyProviderContract } from '../../testing/key-provider-contract.ts'
import { verifySignature } from '../verify-signature.ts'
import { createEmbeddedKeyProvider } from './embedded-key-provider.ts'
import { keyStoreSecret } from './key-store-secret.ts'

const passphrase = 'correct horse battery staple'
const scryptCost = 2 ** 14
let root = ''
let count = 0

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'mmf-keys-'))
})
after(() => rm(root, { recursive: true }))

async function folder(): Promise<string> {
  const path = join(root, String(count++))
  await mkdir(path)
  return path
}

keyProviderContract('embedded', async () => ({
  provider: createEmbeddedKeyProvider({ directory: join(await folder(), 'keys'), secret: { passphrase }, scryptCost }),
  unknownRef: 'f'.repeat(64),
  close: async () => {},
}))

const message = Buffer.from('a document')
const algorithm = 'ECDSA-SHA256'
const refused = (part: string) => (error: unknown) =>
  isMmfError(error, 'key_service_refused') && (error.detail ?? '').includes(part)
const misconfigured = (part: string) => (error: unknown) =>
  isMmfError(error, 'config_invalid') && (error.detail ?? '').includes(part)

describe('embedded key provider', () => {
  const open = (directory: string, secret: { passphrase: string } | { file: string } = { passphrase }) =>
    createEmbeddedKeyProvider({ directory, secret, scryptCost })

  test('keys survive a restart, and only sealed files are on disk', async () => {
    const directory = join(await folder(), 'keys')
    const key = await open(directory).create('ECC_NIST_P256')
    const signature = await open(directory).sign({ ...key, algorithm, message })
    assert.deepEqual(await verifySignature(algorithm, key.publicKey, { message }, signature), { valid: true })
    const files = await readdir(directory)
    assert.deepEqual(files.sort(), [`${key.providerRef}.json`, 'store.json'].sort())
    for (const file of files) {
      assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600)
      assert.doesNotMatch(await readFile(join(directory, file), 'utf8'), /PRIVATE|correct horse/)
    }
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
  })

  test('a wrong passphrase is said, nothing is changed, and the right one still opens', async () => {
    const directory = await folder()
    const key = await open(directory).create('ECC_NIST_P256')
    const other = open(directory, { passphrase: 'another passphrase' })
    await assert.rejects(other.sign({ ...key, algorithm, message }), misconfigured('does not open the keys'))
    await assert.rejects(other.create('ECC_NIST_P256'), misconfigured('does not open the keys'))
    const health = await other.health([key.providerRef])
    assert.equal(health.status, 'unhealthy')
    assert.match(health.reason ?? '', /does not open/)
    assert.equal((await readdir(directory)).length, 2)
    await open(directory).sign({ ...key, algorithm, message })
  })

  test('a damaged, truncated, exchanged or missing key file is refused and makes the store unhealthy', async () => {
    const directory = await folder()
    const provider = open(directory)
    const [key, other] = await Promise.all([provider.create('ECC_NIST_P256'), provider.create('ECC_NIST_P256')])
    const path = join(directory, `${key.providerRef}.json`)
    const good = await readFile(path, 'utf8')
    const entry = JSON.parse(good)
    const flipped = Buffer.from(entry.sealed.ciphertext, 'base64')
    flipped[40] = (flipped[40] ?? 0) ^ 1
    const cases = {
      flipped: JSON.stringify({ ...entry, sealed: { ...entry.sealed, ciphertext: flipped.toString('base64') } }),
      relabelled: JSON.stringify({ ...entry, label: 'RSA_3072' }),
      truncated: good.slice(0, 200),
      empty: '',
      'short tag': JSON.stringify({ ...entry, sealed: { ...entry.sealed, tag: 'AAAA' } }),
    }
    for (const [why, content] of Object.entries(cases)) {
      await writeFile(path, content)
      await assert.rejects(open(directory).sign({ ...key, algorithm, message }), refused('damaged'), why)
      assert.equal((await provider.health([key.providerRef])).status, 'unhealthy', why)
    }
    await copyFile(join(directory, `${other.providerRef}.json`), path)
    await assert.rejects(open(directory).sign({ ...key, algorithm, message }), refused('damaged'))
    await rm(path)
    await assert.rejects(open(directory).sign({ ...key, algorithm, message }), refused('no key'))
    await writeFile(path, good)
    await open(directory).sign({ ...key, algorithm, message })
  })

  test('a damaged or hostile store file is refused', async () => {
    const directory = await folder()
    await open(directory).create('ECC_NIST_P256')
    const path = join(directory, 'store.json')
    const store = JSON.parse(await readFile(path, 'utf8'))
    for (const content of ['', '{', JSON.stringify({ ...store, kdf: { ...store.kdf, cost: 2 ** 30 } })]) {
      await writeFile(path, content)
      await assert.rejects(open(directory).create('ECC_NIST_P256'), refused('damaged'))
    }
  })

  test('references cannot leave the folder', async () => {
    const provider = open(await folder())
    for (const providerRef of ['../store', 'store.json', '', 'a/b', '..'])
      await assert.rejects(provider.publicKey(providerRef), refused('no such key'))
    await provider.create('ECC_NIST_P256')
    await assert.rejects(provider.publicKey('store'), refused('damaged'))
  })

  test('two instances that start together share one store', async () => {
    const directory = await folder()
    const made = await Promise.all([1, 2, 3].map(() => open(directory).create('ECC_NIST_P256')))
    const later = open(directory)
    for (const key of made) await later.sign({ ...key, algorithm, message })
  })
})

describe('secret of the key store', () => {
  const open = (directory: string, secret: { passphrase: string } | { file: string }) =>
    createEmbeddedKeyProvider({ directory, secret, scryptCost })

  test('the environment comes first; an empty or short passphrase is refused, not replaced', async () => {
    assert.deepEqual(keyStoreSecret({}, '/secret'), { file: '/secret' })
    assert.deepEqual(keyStoreSecret({ MARTY_KEYS_PASSPHRASE: passphrase }, '/secret'), { passphrase })
    for (const short of ['', 'elevenchars'])
      await assert.rejects(
        open(await folder(), keyStoreSecret({ MARTY_KEYS_PASSPHRASE: short }, '/secret')).create('ECC_NIST_P256'),
        misconfigured('at least 12'),
      )
  })

  test('a secret file is made once, owner-only, and opens the store again', async () => {
    const base = await folder()
    const directory = join(base, 'keys')
    const file = join(base, 'secrets', 'keys.secret')
    const key = await open(directory, { file }).create('ECC_NIST_P256')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.ok((await readFile(file, 'utf8')).trim().length >= 43)
    await open(directory, { file }).sign({ ...key, algorithm, message })
  })

  test('a secret file that others can read is refused', async () => {
    const base = await folder()
    const directory = join(base, 'keys')
    const file = join(base, 'keys.secret')
    const key = await open(directory, { file }).create('ECC_NIST_P256')
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      await chmod(file, mode)
      await assert.rejects(open(directory, { file }).sign({ ...key, algorithm, message }), misconfigured('chmod 600'))
    }
    await chmod(file, 0o600)
    await open(directory, { file }).sign({ ...key, algorithm, message })
  })

  test('a lost secret file is not replaced by a new one', async () => {
    const base = await folder()
    const directory = join(base, 'keys')
    const file = join(base, 'keys.secret')
    const key = await open(directory, { file }).create('ECC_NIST_P256')
    await rm(file)
    await assert.rejects(open(directory, { file }).sign({ ...key, algorithm, message }), misconfigured('missing'))
    await assert.rejects(stat(file))
  })

  test('a secret file beside the keys, also by a link, is refused', async () => {
    const base = await folder()
    const directory = join(base, 'keys')
    await mkdir(directory)
    await symlink(directory, join(base, 'link'))
    for (const file of [join(directory, 'secret'), join(directory, 'sub', 'secret'), join(base, 'link', 'secret')])
      await assert.rejects(open(directory, { file }).create('ECC_NIST_P256'), misconfigured('must not lie'))
  })

  test('an empty secret file or a folder in its place is refused', async () => {
    const base = await folder()
    const file = join(base, 'keys.secret')
    await writeFile(file, '\n', { mode: 0o600 })
    await assert.rejects(
      open(join(base, 'keys'), { file }).create('ECC_NIST_P256'),
      misconfigured('empty or too short'),
    )
    await mkdir(join(base, 'folder'), { mode: 0o700 })
    await assert.rejects(
      open(join(base, 'keys'), { file: join(base, 'folder') }).create('ECC_NIST_P256'),
      misconfigured('plain file'),
    )
  })
})
