import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import * as T from '../testing/index.ts'
import { validateCertificate } from '../verdict/validate-certificate.ts'
import type { ValidationInput } from '../verdict/validation-input.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { defaultWorkLimits } from './budget.ts'

const time = T.testTime
const root = T.createRoot('CN=Root')
const key = (label: string): T.TestKey => T.testKey('p256', label)

const validate = (input: Omit<ValidationInput, 'profile' | 'time' | 'anchors'> & Partial<ValidationInput>): Verdict =>
  validateCertificate({ profile: 'rfc5280', time, anchors: [root.der], ...input })

/** `count` CAs in a circle of names, each certified by each of the `reach` before it. */
function mesh(
  count: number,
  reach: number,
): { readonly authorities: T.MockAuthority[]; readonly certificates: Uint8Array[] } {
  const authorities = Array.from({ length: count }, (_, index) => {
    const own = key(`mesh ${index % 8}`)
    return T.createRoot(`CN=Mesh ${index}`, { key: own })
  })
  const certificates = authorities.flatMap((issuer, index) =>
    Array.from({ length: reach }, (_, step) => {
      const subject = authorities[(index + step + 1) % count] as T.MockAuthority
      return issuer.subordinate(subject.name, { key: subject.key }).der
    }),
  )
  return { authorities, certificates }
}

describe('a mesh of a thousand cross-certificates', () => {
  const { authorities, certificates } = mesh(250, 4)
  const first = authorities[0] as T.MockAuthority
  const target = first.issue('CN=Target').der

  test('without a way to the anchor costs no signature and a step per certificate', () => {
    const verdict = validate({ target, intermediates: certificates })
    assert.equal(certificates.length, 1000)
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['no_path'],
    )
    assert.equal(verdict.work.signatureChecks, 0)
    assert.ok(verdict.work.steps < 5000, `${verdict.work.steps} steps`)
  })

  test('with one way finds it, the shortest first', () => {
    const near = root.subordinate((authorities[240] as T.MockAuthority).name, {
      key: (authorities[240] as T.MockAuthority).key,
    }).der
    const found = validate({ target, intermediates: [...certificates, near] })
    assert.equal(found.valid, true)
    assert.ok(found.path.length <= 6, `${found.path.length} certificates`)
    assert.ok(found.work.steps < 20_000, `${found.work.steps} steps`)
  })

  test('whose only way is signed by another key ends at the limit, and says so', () => {
    const near = root.subordinate((authorities[240] as T.MockAuthority).name, { key: key('nobody') }).der
    const verdict = validate({ target, intermediates: [...certificates, near] })
    assert.equal(verdict.valid, false)
    const [finding] = verdict.findings
    assert.ok(finding?.code === 'steps_exhausted' || finding?.code === 'signature_checks_exhausted', finding?.code)
    assert.ok(verdict.work.steps <= defaultWorkLimits.maxSteps + 1000, `${verdict.work.steps} steps`)
    assert.ok(verdict.work.signatureChecks <= defaultWorkLimits.maxSignatureChecks)
    assert.equal(verdict.attempts.length, defaultWorkLimits.maxAttempts)
    assert.ok(verdict.attemptsOmitted > 0)
  })

  test('that is one name with many keys costs no more signatures than allowed', () => {
    const keys = Array.from({ length: 40 }, (_, index) => key(`same ${index}`))
    const same = keys.map(own => root.subordinate('CN=Same', { key: own }).der)
    const below = new T.MockAuthority('CN=Same', key('no such key'), root.certificate)
    const limits = { maxSignatureChecks: 10 }
    const verdict = validate({ target: below.issue('CN=x', { extensions: [] }).der, intermediates: same, limits })
    assert.equal(verdict.findings[0]?.code, 'signature_checks_exhausted')
    assert.equal(verdict.work.signatureChecks, 10)
  })
})

describe('thousands of names against thousands of constraints', () => {
  const constraints = Array.from({ length: 1500 }, (_, index) => ({ dns: `x${index}.test` }))
  const names = Array.from({ length: 1500 }, (_, index) => ({ dns: `t${index}.test` }))

  test('end at the limit', () => {
    const ca = root.subordinate('CN=NC', { extra: [T.nameConstraints({ excluded: constraints })] })
    const target = ca.issue('CN=x', { extra: [T.subjectAltName(names)] }).der
    const verdict = validate({ target, intermediates: [ca.der] })
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['steps_exhausted'],
    )
    assert.equal(verdict.work.signatureChecks, 0)
    assert.ok(verdict.work.steps <= defaultWorkLimits.maxSteps + 1)
  })

  test('do no harm where nothing constrains them', () => {
    const target = root.issue('CN=x', { extra: [T.subjectAltName(names)] }).der
    assert.equal(validate({ target, intermediates: [] }).valid, true)
  })
})

describe('policies made to explode', () => {
  test('cost the sum of their mappings', () => {
    const oids = Array.from({ length: 15 }, (_, index) => `1.3.6.1.${index}`)
    const extra = [
      T.certificatePolicies(oids),
      T.policyMappings(oids.flatMap(from => oids.map(to => [from, to] as const))),
    ]
    let issuer = root
    const intermediates: Uint8Array[] = []
    for (let depth = 0; depth < 10; depth++) {
      issuer = issuer.subordinate(`CN=Level ${depth}`, { extra })
      intermediates.push(issuer.der)
    }
    const target = issuer.issue('CN=x', { extra: [T.certificatePolicies(oids)] }).der
    const verdict = validate({ target, intermediates, policies: { requireExplicitPolicy: true } })
    assert.equal(verdict.valid, true)
    assert.equal(verdict.policies.length, 15)
    assert.ok(verdict.work.steps < 20_000, `${verdict.work.steps} steps`)
  })
})

describe('structures made to exhaust', () => {
  test('deep nesting within an extension is a finding', () => {
    let value = der.nullValue()
    for (let depth = 0; depth < 2000; depth++) value = der.sequence(value)
    const target = root.issue('CN=x', { extensions: [T.extension(oids.subjectAltName, value, true)] }).der
    const verdict = validate({ target })
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['extension_malformed'],
    )
  })

  test('a chain longer than any is not followed to its end', () => {
    let issuer = root
    const intermediates: Uint8Array[] = []
    for (let depth = 0; depth < 60; depth++) {
      issuer = issuer.subordinate(`CN=Chain ${depth}`, { key: key(`chain ${depth % 4}`) })
      intermediates.push(issuer.der)
    }
    const verdict = validate({ target: issuer.issue('CN=x').der, intermediates, maxIntermediates: 100 })
    assert.equal(verdict.valid, false)
    assert.equal(verdict.work.signatureChecks, 0)
    assert.ok(verdict.work.steps < 10_000, `${verdict.work.steps} steps`)
  })

  test('a certificate in its own way is passed over', () => {
    const self = T.createRoot('CN=Self')
    const verdict = validate({ target: self.der, intermediates: [self.der, self.der] })
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['no_path'],
    )
  })

  test('no moment of any clock gives anything but a verdict', () => {
    for (const at of [-8.64e15, 0, 8.64e15]) {
      const verdict = validate({ target: root.issue('CN=x').der, time: at })
      assert.equal(verdict.valid, false)
      assert.ok(['expired', 'not_yet_valid'].includes(verdict.findings[0]?.code ?? ''))
    }
  })
})
