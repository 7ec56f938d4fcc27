import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createPluginConfigManager } from '@mmf/framework'
import { openEmbeddedPlatform } from '../../infra/local/embedded-platform.ts'
import { plugins } from '../support/plugins.ts'
import { readPage } from './pages.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

// docs/runbooks/key-rotation.md against a data folder of the local platform.

describe('docs/runbooks/key-rotation.md', () => {
  let workshop: Workshop
  before(() => {
    workshop = openWorkshop([readPage('docs/runbooks/key-rotation.md')])
  })
  after(() => workshop.remove())

  const keyId = 'document_signer-ecc-nist-p256'
  /** What an operator in a hurry types, and what is said about it. */
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [['revok', keyId, '1'], /no action "revok"/],
    [['REVOKE', keyId, '1'], /no action "REVOKE"/],
    [[], /no action was given/],
    [['revoke', keyId], /revoke takes 2 arguments, 1 were given/],
    [['revoke', keyId, '1', '2'], /takes 2 arguments, 3 were given/],
    [['list', keyId], /list takes 0 arguments/],
    [['revoke', keyId, 'one'], /"one" is no version/],
    [['revoke', keyId, '0'], /"0" is no version/],
    [['revoke', keyId, '7'], /has no version 7, only 1, 2/],
    [
      ['revoke', 'document_signer', '1'],
      /no key "document_signer" .*only audit_log-ecc-nist-edwards25519, document_signer-ecc-nist-p256/,
    ],
    [['rotate', 'document_signer-rsa'], /no key "document_signer-rsa"/],
  ]
  const message = { message: new TextEncoder().encode('signed before') }

  /** The keys port over the data folder, as `npm start` opens it. */
  async function openKeys() {
    const env = {
      MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
      MARTY_DATA_DIR: join(workshop.folder, 'data'),
    }
    const schemas = Object.fromEntries(plugins.map(({ name, config }) => [name, config]))
    const configs = createPluginConfigManager({
      configDir: join(workshop.folder, 'config'),
      environment: 'development',
      env,
      schemas,
    })
    const base = await configs.getBaseConfig()
    return openEmbeddedPlatform({ configs, base, plugins, env, sink: () => {} })
  }
  const script = (...args: string[]) => workshop.run('rotate-key.ts', { args, env: { MARTY_DATA_DIR: 'data' } })

  const logKey = 'audit_log-ecc-nist-edwards25519 1 active\n'

  it('rotates while the platform runs, keeps old signatures valid, and revokes', async () => {
    const running = await openKeys()
    const old = await running.http.keys.sign('document_signer', 'ECDSA-SHA256', message)
    assert.equal(old.keyVersion, 1)
    assert.equal(await script('list'), `${logKey}${keyId} 1 active\n`)

    const rotated = await script('rotate', keyId)

    assert.equal(rotated, `${keyId} signs with version 2 from now on\n${logKey}${keyId} 1 retired\n${keyId} 2 active\n`)
    await running.close()
    const next = await openKeys()
    const reference = { keyId, keyVersion: 1 }
    assert.equal((await next.http.keys.sign('document_signer', 'ECDSA-SHA256', message)).keyVersion, 2)
    const verified = await next.http.keys.verify(reference, 'ECDSA-SHA256', message, old.signature)
    assert.deepEqual(verified, { valid: true })
    await next.close()

    for (const [args, said] of refusals) {
      await assert.rejects(
        script(...args),
        ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
          assert.equal(code, 2, args.join(' '))
          assert.equal(stdout, '')
          assert.match(stderr, said)
          assert.match(stderr, /rotate <keyId>[\s\S]*revoke <keyId> <version>[\s\S]*list/)
          return true
        },
      )
    }
    const elsewhere = { args: ['revoke', keyId, '1'], env: { MARTY_DATA_DIR: 'other' } }
    await assert.rejects(workshop.run('rotate-key.ts', elsewhere), { code: 2, stderr: /no data\.sqlite in .*other/ })
    assert.equal(existsSync(join(workshop.folder, 'other')), false)
    assert.equal(await script('list'), `${logKey}${keyId} 1 retired\n${keyId} 2 active\n`, 'nothing was changed')

    assert.equal(await script('revoke', keyId, '1'), `${logKey}${keyId} 1 revoked\n${keyId} 2 active\n`)
    const last = await openKeys()
    const refused = await last.http.keys.verify(reference, 'ECDSA-SHA256', message, old.signature)
    assert.deepEqual(refused, { valid: false, reason: 'key_revoked' })
    await last.close()
  })
})
