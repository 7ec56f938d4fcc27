import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as T from '../../layer/pki/src/testing/index.ts'
import { toPem } from '../../layer/pki/src/x509/pem.ts'
import { parseBsslChainTest } from './bssl-test-file.ts'
import { countCase, emptyReport } from './report.ts'
import { run } from './suites/bssl-chain.ts'

const folder = mkdtempSync(join(tmpdir(), 'bssl-chain-'))
after(() => rmSync(folder, { recursive: true }))

const policy = '1.3.6.1.4.1.55555.3.1'

/** A file of our own in that format; fields that are undefined are left out. */
function testFile(change: Record<string, string | undefined> = {}, errors = ''): string {
  const fields = {
    chain: 'chain.pem',
    last_cert_trust: 'TRUSTED_ANCHOR',
    utc_time: 'DEFAULT',
    key_purpose: 'SERVER_AUTH',
    ...change,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `# a comment\n\n${lines.join('\n')}\nexpected_errors:\n${errors}`
}

test('a test file is read to the last field', () => {
  const policies = `${policy}, 2.5.29.32.0`
  const read = parseBsslChainTest(
    testFile({ utc_time: '991231235959Z', expected_user_constrained_policy_set: policies, digest_policy: 'STRONG' }),
  )
  assert.deepEqual(read, {
    chain: 'chain.pem',
    lastCertTrust: 'TRUSTED_ANCHOR',
    time: new Date('1999-12-31T23:59:59Z'),
    keyPurpose: 'SERVER_AUTH',
    digestPolicy: 'STRONG',
    policies: new Set([policy, '2.5.29.32.0']),
    fails: false,
  })
  const plain = parseBsslChainTest(
    testFile({}, '----- Certificate i=0 -----\nWARNING: something\n').replaceAll('\n', '\r\n'),
  )
  assert.deepEqual([plain.fails, plain.time.toISOString()], [false, '2021-10-05T12:00:00.000Z'])
  assert.equal(plain.digestPolicy, 'ALLOW_SHA_1')
  assert.equal(parseBsslChainTest(testFile({}, '----- Certificate i=0 -----\nERROR: something\n')).fails, true)
})

test('a test file that is none is an error, never a verdict', () => {
  for (const [text, message] of [
    [testFile({ chain: undefined }), /chain: is missing/],
    [testFile({ utc_time: '991331235959Z' }), /is no moment/],
    [testFile({ utc_time: 'yesterday' }), /is no UTCTime/],
    [testFile({ new_field: '1' }), /unknown line: new_field/],
    [`key_purpose: ANY_EKU\n${testFile()}`, /key_purpose stands twice/],
    [testFile().replace('expected_errors:', ''), /expected_errors: is missing/],
  ] as const) {
    assert.throws(() => parseBsslChainTest(text), { message }, text)
  }
})

test('chains are judged by their trust, purpose, time and policies; other modes are skipped by name', async () => {
  const longLived = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') }
  const root = T.createRoot('CN=Root', { ...longLived, extra: [T.extendedKeyUsage(['clientAuth'])] })
  const ca = root.subordinate('CN=CA', { ...longLived, extra: [T.certificatePolicies([policy])] })
  const leaf = ca.issue('CN=Leaf', { ...longLived, extra: [T.certificatePolicies([policy])] })
  const chain = [leaf.der, ca.der, root.der].map(der => `a comment\n${toPem('CERTIFICATE', der)}`).join('\n')
  const old = { rsa: T.testKey('rsa-2048') }
  const weakRoot = T.createRoot('CN=Weak', { ...longLived, key: old.rsa })
  const weak = weakRoot.issue('CN=Leaf', { ...longLived, algorithm: 'rsa-sha1' })
  const weakChain = [weak.der, weakRoot.der].map(der => toPem('CERTIFICATE', der)).join('')
  const set = { expected_user_constrained_policy_set: policy }
  const failing = 'ERROR: something\n'
  const files: Record<string, string> = {
    'chain.pem': chain,
    'weak.pem': weakChain,
    'anchor.test': testFile(set),
    'policies.test': testFile(),
    'constraints.test': testFile({ ...set, last_cert_trust: 'TRUSTED_ANCHOR_WITH_CONSTRAINTS' }, failing),
    'client.test': testFile({ ...set, key_purpose: 'CLIENT_AUTH', last_cert_trust: 'TRUSTED_ANCHOR_WITH_CONSTRAINTS' }),
    'distrusted.test': testFile({ last_cert_trust: 'DISTRUSTED' }, failing),
    'expired.test': testFile({ utc_time: '310101000000Z' }, failing),
    'sha1.test': testFile({ chain: 'weak.pem' }),
    'strong.test': testFile({ chain: 'weak.pem', digest_policy: 'STRONG' }, failing),
    'leaf.test': testFile({ last_cert_trust: 'TRUSTED_LEAF' }),
    'strict.test': testFile({ key_purpose: 'SERVER_AUTH_STRICT' }),
    'no-chain.test': testFile({ chain: 'elsewhere.pem' }),
  }
  mkdirSync(join(folder, 'case'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'case', name), text)
  const single: string[] = []
  for await (const { id, got } of run({ data: join(folder, 'case', 'expired.test') })) single.push(`${id}: ${got}`)
  assert.deepEqual(single, ['expired.test: invalid'])
  const report = emptyReport('bssl-chain')
  for await (const result of run({ data: folder })) countCase(report, result)
  assert.deepEqual(
    report.deviations.map(({ id, got }) => [id, got]),
    [
      ['case/no-chain.test', 'error'],
      ['case/policies.test', 'valid for other policies'],
    ],
  )
  assert.deepEqual([report.total, report.right], [11, 7])
  assert.deepEqual(report.skippedReasons, {
    'mode last_cert_trust TRUSTED_LEAF': 1,
    'mode key_purpose SERVER_AUTH_STRICT': 1,
  })
})
