import assert from 'node:assert/strict'
import { MartyTrustPKIPlugin, marty } from '@marty/plugin'
import { PluginManager } from '@mmf/framework'
import { createTestPlatform, type TestPlatform, testCall } from '@mmf/framework/testing'
import { createEgress } from '../../../layer/framework/src/egress/create-egress.ts'
import type { IssuedCertificate, MockAuthority } from '../../../layer/pki/src/testing/index.ts'

const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64')

/** The certificate validation service over a clock that can be moved, real HTTP to loopback and real signatures. */
export interface ClockedValidation {
  readonly platform: TestPlatform
  /** Validates with `fetch`; an administrator has trusted the root. */
  validate(leaf: IssuedCertificate): Promise<ClockedVerdict>
  refresh(): Promise<void>
}

interface ClockedVerdict {
  readonly valid: boolean
  readonly codes: readonly string[]
  readonly validationId: string
  /** What became of each address, in the order of the answer. */
  readonly notes: readonly { readonly outcome: string; readonly code?: string | undefined }[]
}

export async function startClockedValidation(root: MockAuthority, settings: object = {}): Promise<ClockedValidation> {
  const platform = await createTestPlatform({
    plugins: [marty],
    configs: { marty: { signing_algorithms: ['ECDSA-SHA256'], ...settings } },
  })
  const manager = new PluginManager({ ...platform, egress: createEgress({ allowPrivate: ['127.0.0.1/32'] }) })
  const plugin = new MartyTrustPKIPlugin()
  await manager.loadPluginInstance(plugin, 'marty')
  await manager.startPlugin('marty')
  const service = plugin.getService('certificate_validation')
  const administrator = testCall({ principal: { subject: 'administrator', roles: ['trust_administrator'] } })
  const anchor = { certificate: base64(root.der), purposes: ['general' as const] }
  await plugin.getService('trust_anchor').addTrustAnchor(anchor, administrator)
  const call = testCall({ principal: { subject: 'tester' } })
  return {
    platform,
    async validate(leaf) {
      const request = { certificate: base64(leaf.der), profile: 'rfc5280' as const, fetch: true }
      const answer = await service.validateCertificates(request, call)
      assert.ok('valid' in answer)
      const { valid, findings, fetched = [], validationId } = answer
      const notes = fetched.map(({ outcome, code }) => ({ outcome, code }))
      return { valid, codes: findings.map(({ code }) => code), validationId, notes }
    },
    refresh: () => service.refreshEvidence({}, testCall({ deadline: Date.now() + 60_000 })),
  }
}
