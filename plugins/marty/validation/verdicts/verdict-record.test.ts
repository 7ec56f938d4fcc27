import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitVerdict } from './verdict-record.ts'
import type { VerdictRecord } from './verdict-schema.ts'

const finding = { code: 'expired', severity: 'error', certificate: 0, clause: 'x', message: 'y'.repeat(200) } as const
const certificate = {
  subject: 's',
  issuer: 'i',
  serialNumber: '1',
  notBefore: '',
  notAfter: '',
  sha256: 'f'.repeat(64),
}
const record: VerdictRecord = {
  valid: false,
  profile: 'rfc5280',
  at: '2026-06-15T12:00:00.000Z',
  path: [certificate, certificate],
  anchor: null,
  findings: Array.from({ length: 20 }, () => finding),
  policies: ['1.2.3'],
  revocation: [],
  attempts: Array.from({ length: 32 }, () => ({ stage: 'building', anchor: null, path: [], findings: [finding] })),
  omitted: { path: 0, findings: 0, policies: 0, revocation: 0, attempts: 5 },
  work: { steps: 1, signatureChecks: 1 },
}
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

test('what fits stays as it is', () => {
  assert.equal(fitVerdict(record, size(record)), record)
})

test('attempts go first, findings late, and everything that goes is counted', () => {
  for (const limit of [12_000, 6_000, 2_000, 800]) {
    const fitted = fitVerdict(record, limit)
    assert.ok(size(fitted) <= limit, `${size(fitted)} of ${limit}`)
    for (const field of ['path', 'findings', 'policies', 'attempts'] as const) {
      assert.equal(fitted[field].length + fitted.omitted[field], record[field].length + record.omitted[field], field)
    }
    if (fitted.omitted.findings > 0) assert.equal(fitted.attempts.length, 0)
    if (fitted.omitted.path > 0) assert.equal(fitted.findings.length, 0)
  }
})

test('a limit that nothing fits ends with what always stays', () => {
  assert.deepEqual(fitVerdict(record, 1).findings, [])
  assert.equal(fitVerdict(record, 1).valid, false)
})
