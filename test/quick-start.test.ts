import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MartyTrustPKIPlugin, marty } from '@marty/plugin'
import { isMmfError, PluginManager } from '@mmf/framework'
import { createTestPlatform, testCall } from '@mmf/framework/testing'

// The Quick start of the plugin system's description, step by step. docs/plugin-api.md shows the same lines.
test('quick start: load and start the plugin, sign, verify, stop', async () => {
  const platform = await createTestPlatform({
    plugins: [marty],
    configs: { marty: { signing_algorithms: ['ECDSA-SHA256'] } },
  })
  const pluginManager = new PluginManager(platform)

  const martyPlugin = new MartyTrustPKIPlugin()
  await pluginManager.loadPluginInstance(martyPlugin, 'marty')
  await pluginManager.startPlugin('marty')
  assert.equal(pluginManager.getPluginStatus('marty'), 'active')

  const docSigner = martyPlugin.getService('document_signer')
  const call = testCall({
    principal: { subject: 'quick', roles: ['document_signer'], permissions: ['sign_documents'] },
  })
  const document = new TextEncoder().encode('Document content')
  const signatureResult = await docSigner.signDocument({ document, signingAlgorithm: 'ECDSA-SHA256' }, call)
  const verified = await docSigner.verifySignature({ document, signature: signatureResult }, call)
  assert.deepEqual(verified, { valid: true })

  const record = await docSigner.getSignature({ signatureId: signatureResult.signatureId }, call)
  assert.equal(record.principal, 'quick')
  const { counts, spans } = platform.observability
  assert.equal(counts.get('marty_pki_document_sign_requests_total{algorithm="ECDSA-SHA256",status="success"}'), 1)
  assert.deepEqual(
    spans.map(span => span.name),
    ['sign_document', 'verify_signature', 'get_signature'],
  )

  await assert.rejects(docSigner.signDocument({ document, signingAlgorithm: 'ECDSA-SHA256' }, testCall()), error =>
    isMmfError(error, 'role_missing'),
  )
  // @ts-expect-error an unknown service does not compile, and throws
  const unknown = () => martyPlugin.getService('time_machine')
  assert.throws(unknown, error => isMmfError(error, 'service_unknown'))

  const health = await pluginManager.getHealthStatus()
  assert.equal(health['marty']?.services['document_signer']?.status, 'healthy')
  await pluginManager.stopPlugin('marty')
  assert.throws(
    () => martyPlugin.getService('document_signer'),
    error => isMmfError(error, 'plugin_not_initialized'),
  )
  await platform.close()
})
