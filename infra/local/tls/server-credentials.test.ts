import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isMmfError } from '@mmf/framework'
import { testKey } from '../../../layer/pki/src/testing/index.ts'
import { daysFromNow, serverMaterial } from '../../../test/support/tls-certificates.ts'
import { readCredentials } from './server-credentials.ts'
import { openTls } from './tls-renewal.ts'
import type { TlsMaterial } from './tls-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-tls-'))
after(() => rmSync(folder, { recursive: true }))
const good = serverMaterial()
const tls = { certificate: 'server.pem', key: 'server.key' }

function write({ certificate, key }: { certificate: string; key: string }, mode = 0o600) {
  writeFileSync(join(folder, tls.certificate), certificate)
  rmSync(join(folder, tls.key), { force: true })
  writeFileSync(join(folder, tls.key), key, { mode })
  chmodSync(join(folder, tls.key), mode)
}

const read = () => readCredentials({ tls, configDir: folder, now: new Date() })

describe('server certificate and key', () => {
  it('are read beside base.yaml', () => {
    write(good)
    const { certificate, key, fingerprint } = read()
    assert.deepEqual([certificate, key], [good.certificate, good.key])
    assert.match(fingerprint, /^[0-9a-f]{64}$/)
  })

  const sealed = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'
  const expired = serverMaterial('expired', { notBefore: daysFromNow(-3), notAfter: daysFromNow(-1) })
  const early = serverMaterial('early', { notBefore: daysFromNow(1), notAfter: daysFromNow(2) })
  const weak = serverMaterial('weak', { key: testKey('rsa-1024', 'server') })
  const sha1 = serverMaterial('sha1', { algorithm: 'ecdsa-sha1' })
  const wrong: readonly [string, { certificate: string; key: string }, number, RegExp][] = [
    [
      'a key that others can read',
      good,
      0o640,
      /tls\.key: .*server\.key: other users can read it \(mode 640\): chmod 600/,
    ],
    [
      'a key of another certificate',
      { ...good, key: expired.key },
      0o600,
      /tls\.key: .*not the key of the certificate in/,
    ],
    ['a sealed key', { ...good, key: sealed }, 0o600, /tls\.key: .*sealed with a passphrase/],
    ['a key that is none', { ...good, key: 'x' }, 0o600, /tls\.key: .*no private key in it/],
    ['a certificate that is none', { ...good, certificate: 'x' }, 0o600, /tls\.certificate: .*no certificate in it/],
    ['an expired certificate', expired, 0o600, /tls\.certificate: .*expired at 20/],
    ['a certificate of tomorrow', early, 0o600, /tls\.certificate: .*not valid before 20/],
    ['a weak key', weak, 0o600, /too weak/],
    ['a signature with SHA-1', sha1, 0o600, /too weak/],
  ]
  for (const [what, files, mode, said] of wrong) {
    it(`${what} is refused, with setting and file`, () => {
      write(files, mode)
      assert.throws(read, error => isMmfError(error, 'config_invalid') && said.test(error.message))
    })
  }

  it('that are not there are named', () => {
    rmSync(join(folder, tls.key), { force: true })
    assert.throws(read, /tls\.key: .*server\.key: there is no such file/)
  })
})

describe('renewal', () => {
  it('takes over a pair that fits, and keeps the old one while none does', async () => {
    write(good)
    let authorities: readonly string[] = []
    const taken: TlsMaterial[] = []
    const lines: string[] = []
    const log = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
    const logger = { info: log('info'), warn: log('warn'), error: log('error'), debug: log('debug') }
    const settings = { ...tls, client_certificates: 'ask', minimum_version: 'TLSv1.2' } as const
    const clock = { now: () => new Date() }
    const renewal = await openTls({ tls: settings, configDir: folder, clock, authorities: async () => authorities })
    renewal.start(material => void taken.push(material), logger as never)
    try {
      await renewal.refresh()
      assert.equal(taken.length, 0, 'nothing is new')
      const next = serverMaterial('next', { notAfter: daysFromNow(5) })
      write({ ...good, certificate: next.certificate })
      await renewal.refresh()
      await renewal.refresh()
      assert.deepEqual(
        [taken.length, lines.length],
        [0, 1],
        'a certificate without its key is refused, and said so once',
      )
      write(next)
      await renewal.refresh()
      assert.deepEqual(
        taken.map(({ certificate }) => certificate),
        [next.certificate],
      )
      authorities = ['another']
      await renewal.refresh()
      assert.deepEqual(taken.at(-1)?.authorities, ['another'])
      assert.deepEqual(lines, [
        'error the certificate of the server stays: what was found is refused',
        'info the certificate of the server was renewed',
        'warn the certificate of the server expires soon',
        'info the authorities of client certificates have changed',
      ])
    } finally {
      renewal.close()
    }
  })
})
