import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingTable } from '../verdict/findings.ts'
import { explainVerdict } from './explain.ts'
import type { ReportedVerdict } from './explain-verdict.ts'

const verdictWith = (code: string, certificate: number | null = 0): ReportedVerdict => ({
  valid: false,
  profile: 'rfc5280',
  at: '2026-11-30T12:00:00.000Z',
  path: [{ subject: 'CN=target', sha256: 'aa' }],
  anchor: { name: 'CN=anchor', sha256: null },
  findings: [{ code, severity: 'error', certificate, clause: 'a clause', message: 'what was found' }],
  attempts: [],
})

test('every code of a finding has a text of its own', async () => {
  const { text: fallback } = await explainVerdict(verdictWith('unknown_code'))
  assert.match(fallback, /no description.*\n.*clause asks for/)
  const seen = new Set<string>()
  for (const code of Object.keys(findingTable)) {
    const { findings } = await explainVerdict(verdictWith(code))
    const [found] = findings
    assert.doesNotMatch(found?.means ?? '', /no description/, code)
    seen.add(found?.means ?? '')
  }
  assert.equal(seen.size, Object.keys(findingTable).length, 'no two codes are explained alike')
})

test('names that every object has are no codes, and an anchor is named', async () => {
  for (const code of ['constructor', '__proto__', 'toString']) {
    const { findings } = await explainVerdict(verdictWith(code, 1))
    assert.match(findings[0]?.means ?? '', /no description/)
    assert.equal(findings[0]?.about, 'CN=anchor')
  }
  const { findings } = await explainVerdict(verdictWith('expired', 7))
  assert.equal(findings[0]?.about, null)
})
