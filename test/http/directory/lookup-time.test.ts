import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MartyTrustPKIPlugin, marty } from '@marty/plugin'
import { PluginManager } from '@mmf/framework'
import { createTestPlatform, testCall } from '@mmf/framework/testing'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'

test('a looked-up key is kept for pkd_cache_ttl seconds, and read anew after them', async () => {
  const settings = { signing_algorithms: ['ECDSA-SHA256'], pkd_cache_ttl: 100 }
  const platform = await createTestPlatform({ plugins: [marty], configs: { marty: settings } })
  try {
    const manager = new PluginManager(platform)
    const plugin = new MartyTrustPKIPlugin()
    await manager.loadPluginInstance(plugin, 'marty')
    await manager.startPlugin('marty')
    const directory = plugin.getService('pkd')
    const administrator = testCall({ principal: { roles: ['pkd_administrator'] } })
    const certificate = Buffer.from(createRoot('C=UT, CN=CSCA kept').der).toString('base64')
    await directory.publishCertificate({ certificate }, administrator)

    const hits = () => platform.observability.counts.get('marty_pki_pkd_lookup_requests_total{cache_hit="true"}') ?? 0
    const isHit = async () => {
      const before = hits()
      await directory.lookupPublicKey({ subject: 'CN=CSCA kept,C=UT' }, testCall())
      return hits() > before
    }
    assert.deepEqual([await isHit(), await isHit()], [false, true])
    platform.clock.advance(99_000)
    assert.equal(await isHit(), true)
    platform.clock.advance(2_000)
    assert.equal(await isHit(), false)
  } finally {
    await platform.close()
  }
})
