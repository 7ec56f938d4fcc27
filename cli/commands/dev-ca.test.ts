import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type Certificate, type ProfileName, parseCertificate, parsePem, validateCertificate } from '@mmf/pki'
import { devCa } from './dev-ca.ts'

const root = mkdtempSync(join(tmpdir(), 'marty-dev-ca-'))
after(() => rmSync(root, { recursive: true }))
const defaults = { clients: ['client'], hosts: [], days: '365', json: false }

const certificateIn = (folder: string, name: string): Certificate => {
  const [block] = parsePem(readFileSync(join(folder, name), 'utf8'))
  assert.ok(block)
  return parseCertificate(block.der)
}

function verdict(folder: string, name: string, profile: ProfileName, serverName?: string) {
  return validateCertificate({
    target: certificateIn(folder, name),
    anchors: [certificateIn(folder, 'ca.pem')],
    profile,
    time: new Date(),
    ...(serverName === undefined ? {} : { serverName }),
  })
}

describe('dev-ca', () => {
  it('makes certificates that are valid for what they are for, and for nothing else', () => {
    const folder = join(root, 'one')
    const { stdout = '' } = devCa({ ...defaults, folder, clients: ['alice', 'ci'], hosts: ['marty.test'] })
    for (const host of ['localhost', '127.0.0.1', '::1', 'marty.test']) {
      assert.ok(verdict(folder, 'server.pem', 'webpki', host).valid, host)
    }
    assert.equal(verdict(folder, 'server.pem', 'webpki', 'other.test').valid, false)
    for (const name of ['alice.pem', 'ci.pem']) assert.ok(verdict(folder, name, 'mtls-client').valid, name)
    assert.equal(verdict(folder, 'server.pem', 'mtls-client').valid, false)
    assert.equal(verdict(folder, 'alice.pem', 'webpki').valid, false)
    assert.match(stdout, /--cert \S+alice\.pem --key \S+alice\.key https:\/\/127\.0\.0\.1:8080\/health/)
    if (process.platform !== 'win32') {
      for (const name of readdirSync(folder)) {
        assert.equal(statSync(join(folder, name)).mode & 0o777, name.endsWith('.key') ? 0o600 : 0o644, name)
      }
    }
  })

  it('overwrites nothing', () => {
    const folder = join(root, 'two')
    devCa({ ...defaults, folder })
    const before = readFileSync(join(folder, 'ca.key'), 'utf8')
    assert.throws(() => devCa({ ...defaults, folder, clients: ['other'] }), { code: 'file_exists' })
    assert.equal(readFileSync(join(folder, 'ca.key'), 'utf8'), before)
    assert.deepEqual(readdirSync(folder).length, 6)
  })

  it('refuses what is no name and no number of days', () => {
    const folder = join(root, 'three')
    for (const wrong of [
      { clients: ['../x'] },
      { clients: ['ca'] },
      { clients: ['a', 'a'] },
      { hosts: ['http://x'] },
      { days: '0' },
      { days: '99999' },
    ]) {
      assert.throws(() => devCa({ ...defaults, folder, ...wrong }), { code: 'usage_invalid' }, JSON.stringify(wrong))
    }
    assert.deepEqual(readdirSync(root).includes('three'), false)
  })
})
