import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '@mmf/framework'
import { recordingObservability, testCall } from '@mmf/framework/testing'
import { parseCertificate, prepareEvidence } from '@mmf/pki'
import { createRoot, testKey, testTime } from '../../../../layer/pki/src/testing/index.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { inputListOf } from '../inputs/list-inputs.ts'
import type { Settings } from '../settings.ts'
import { evaluate } from './evaluate.ts'
import { createJudge } from './judge.ts'

const root = createRoot()
const settings: Settings = { profile: 'rfc5280', at: testTime.getTime(), revocation: 'off' }
const observability = recordingObservability()

function inputsWith(intermediates: readonly Uint8Array[], anchors = [root.der]): Inputs {
  const inputs = {
    intermediates: intermediates.map(parseCertificate),
    anchors: anchors.map(parseCertificate),
    withheld: [],
    anchorsGeneration: 'request' as const,
    crls: [],
    ocspResponses: [],
    evidence: prepareEvidence(),
    refused: [],
  }
  return { ...inputs, list: inputListOf(inputs) }
}

test('a call whose time is over stops between two certificates', async () => {
  const inputs = inputsWith([])
  let judged = 0
  const controller = new AbortController()
  const candidates = Array.from({ length: 10 }, (_, index) => {
    const { der } = root.issue(`CN=Late ${index}`, { key: testKey() })
    return {
      inputs,
      get target() {
        judged += 1
        if (judged === 3) controller.abort()
        return parseCertificate(der)
      },
    }
  })
  const call = { ...testCall(), signal: controller.signal }
  await assert.rejects(evaluate(candidates, settings, { call, observability }), error => {
    assert.ok(isMmfError(error, 'deadline_exceeded'))
    assert.match(error.message, /3 of 10/)
    return true
  })
  assert.equal(judged, 3)
})

test('a verdict does not depend on what others have verified before it, not even at its limit', () => {
  let authority = root
  const intermediates = Array.from({ length: 5 }, (_, index) => {
    authority = authority.subordinate(`CN=Depth ${index}`, { key: testKey('p256', index) })
    return authority.der
  })
  const inputs = inputsWith(intermediates)
  const [first, second] = ['CN=First', 'CN=Second'].map(name => parseCertificate(authority.issue(name).der))
  assert.ok(first && second)
  const limits = { maxSteps: 10_000, maxAttempts: 32 }
  // Six signatures: enough for the first, and the second would borrow five of them.
  const judge = createJudge(settings)
  assert.equal(judge.judge(first, inputs, 'off', { ...limits, maxSignatureChecks: 6 }).valid, true)
  const tight = { ...limits, maxSignatureChecks: 5 }
  const after = judge.judge(second, inputs, 'off', tight)
  const alone = createJudge(settings).judge(second, inputs, 'off', tight)
  assert.deepEqual(JSON.parse(JSON.stringify(after)), JSON.parse(JSON.stringify(alone)))
  assert.equal(after.findings[0]?.code, 'signature_checks_exhausted')
})

test('a call has a budget: when it is spent, the rest is undecided and says so', () => {
  const shared = testKey('p256', 'mesh')
  const names = Array.from({ length: 12 }, (_, index) => `CN=Mesh ${index}`)
  const mesh = names.map(name => createRoot(name, { key: shared }))
  const inputs = inputsWith(
    mesh.flatMap(issuer => names.map(name => issuer.subordinate(name, { key: shared }).der)),
    [createRoot('CN=Mesh 11', { key: testKey('p256', 'other') }).der],
  )
  const target = parseCertificate((mesh[0] ?? root).issue('CN=Lost').der)
  const judge = createJudge(settings)
  let steps = 0
  let calls = 0
  while (judge.limits().maxSteps > 0 && calls < 100) {
    const { work } = judge.judge(target, inputs, 'off', judge.limits())
    steps += work.steps
    calls += 1
  }
  assert.equal(calls, 20)
  assert.ok(steps < 5_200_000, `${steps} steps`)
  const honest = parseCertificate(root.issue('CN=Honest').der)
  const verdict = judge.judge(honest, inputsWith([]), 'off', judge.limits())
  assert.deepEqual([verdict.valid, verdict.findings[0]?.code], [false, 'steps_exhausted'])
})
