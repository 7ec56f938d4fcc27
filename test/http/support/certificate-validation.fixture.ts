import assert from 'node:assert/strict'
import { createRoot, testTime } from '../../../layer/pki/src/testing/index.ts'
import type { TestAnswer, TestPlatform } from './start-platform.ts'
import { storedRows } from './stored-rows.ts'

/** Root, CA and a certificate; made when a test file asks for it. */
export function testChain() {
  const root = createRoot('C=UT, CN=Root')
  const ca = root.subordinate('C=UT, CN=CA')
  const leaf = ca.issue('C=UT, CN=Leaf')
  return { root, ca, leaf }
}

export const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${base64(der).replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`

/** The moment the certificates of the mock CA are valid at. */
export const time = testTime.toISOString()

/** A principal who may bring anchors. */
export const relyingParty = (marty: TestPlatform, subject = 'relying-party'): string =>
  marty.token({ subject, roles: [], permissions: ['supply_trust_anchors'] })

export const auditor = (marty: TestPlatform): string =>
  marty.token({ subject: 'auditor-1', roles: ['auditor'], permissions: [] })

/** Asks for a verdict under `rfc5280` at the test's moment, unless the body says otherwise. */
export function validate(marty: TestPlatform, body: object, token = relyingParty(marty)): Promise<TestAnswer> {
  return marty.request('POST', '/v1/certificates/validate', { token, body: { profile: 'rfc5280', time, ...body } })
}

export function codes(verdict: { findings: readonly { code: string }[] }): readonly string[] {
  return verdict.findings.map(({ code }) => code)
}

/** Everything that events have set going is done: a delivery is pending until what its handler publishes is committed. */
export async function settled(marty: TestPlatform): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    await marty.relay.runDue()
    const rows = ['outbox', 'event_deliveries'].flatMap(table => storedRows(marty.dataDirectory, table))
    if (rows.every(({ status }) => status === 'delivered')) return
    await new Promise(resume => setTimeout(resume, 20))
  }
  assert.fail('events are still pending')
}
