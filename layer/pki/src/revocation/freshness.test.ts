import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRoot, type RevocationInputOptions, revocationInput, testTime } from '../testing/index.ts'
import { checkRevocation } from './check.ts'
import { freshnessProblem } from './freshness.ts'
import type { RevocationPolicy } from './types.ts'

const at = testTime.getTime()
const ago = (seconds: number) => new Date(at - seconds * 1000)
const openEnded = (seconds: number, policy: Partial<RevocationPolicy> = {}) =>
  freshnessProblem({ thisUpdate: ago(seconds).getTime(), nextUpdate: undefined }, at, { mode: 'required', ...policy })

describe('evidence without nextUpdate', () => {
  test('is fresh for less than five minutes after its thisUpdate', () => {
    assert.deepEqual(
      [0, 1, 299, 300, 86_400].map(seconds => openEnded(seconds)),
      [undefined, undefined, undefined, 'no_next_update', 'no_next_update'],
    )
    assert.equal(openEnded(-1), 'not_yet_valid')
  })

  test('is fresh for as long as the policy says', () => {
    const policy = { ageWithoutNextUpdateSeconds: 60 }
    assert.deepEqual(
      [59, 60].map(seconds => openEnded(seconds, policy)),
      [undefined, 'no_next_update'],
    )
    assert.equal(openEnded(0, { ageWithoutNextUpdateSeconds: 0 }), 'no_next_update')
  })

  test('has the greatest age where no bound of its own is set, and never more', () => {
    assert.deepEqual(
      [3600, 3601].map(seconds => openEnded(seconds, { maximumAgeSeconds: 3600 })),
      [undefined, 'too_old'],
    )
    const both = { maximumAgeSeconds: 3600, ageWithoutNextUpdateSeconds: 60 }
    assert.deepEqual(
      [59, 60].map(seconds => openEnded(seconds, both)),
      [undefined, 'no_next_update'],
    )
    assert.equal(openEnded(61, { maximumAgeSeconds: 60, ageWithoutNextUpdateSeconds: 3600 }), 'too_old')
  })

  test('of just now shows a certificate good, as a CRL and as an OCSP answer', () => {
    const root = createRoot('C=UT, CN=Fresh Root')
    const leaf = root.issue('CN=Leaf')
    const statusOf = (evidence: Partial<RevocationInputOptions>) =>
      checkRevocation(revocationInput({ certificate: leaf.der, path: [root.der], ...evidence })).status
    const crl = (seconds: number) => root.crl({ thisUpdate: ago(seconds), nextUpdate: null })
    const answer = (seconds: number) =>
      root.ocsp([{ certId: root.certId(leaf.serial), status: 'good', thisUpdate: ago(seconds), nextUpdate: null }], {
        producedAt: ago(seconds),
      })
    assert.deepEqual(
      [10, 301].map(seconds => [statusOf({ crls: [crl(seconds)] }), statusOf({ ocspResponses: [answer(seconds)] })]),
      [
        ['good', 'good'],
        ['undetermined', 'undetermined'],
      ],
    )
  })
})
