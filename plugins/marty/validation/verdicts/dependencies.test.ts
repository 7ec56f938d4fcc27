import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  prepareEvidence,
  type Verdict,
  validateCertificate,
} from '@mmf/pki'
import { createRoot, extendedKeyUsage, testKey, testTime } from '../../../../layer/pki/src/testing/index.ts'
import type { Evaluated } from '../evaluation/evaluate.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { inputListOf } from '../inputs/list-inputs.ts'
import { dependencyFinder } from './dependencies.ts'

const root = createRoot('CN=Root')
const ca = root.subordinate('CN=CA', { key: testKey('p256', 'CA') })
/** Another certificate of the CA's name: it may have signed the CRL as well. */
const caAgain = root.subordinate('CN=CA', { key: testKey('p256', 'CA again') })
const leaf = ca.issue('CN=Leaf')
const certificates = { root, ca, caAgain, leaf }
const print = (name: keyof typeof certificates) => parseCertificate(certificates[name].der).fingerprint

function inputsWith(more: Partial<Inputs> = {}): Inputs {
  const crls = more.crls ?? []
  const ocspResponses = more.ocspResponses ?? []
  const inputs = {
    intermediates: [ca, caAgain].map(({ der }) => parseCertificate(der)),
    anchors: [parseCertificate(root.der)],
    withheld: [],
    anchorsGeneration: 1,
    refused: [],
    ...more,
    crls,
    ocspResponses,
    evidence: prepareEvidence(crls, ocspResponses),
  }
  return { ...inputs, list: inputListOf(inputs) }
}

function verdictOn(inputs: Inputs, revocation: 'off' | 'soft-fail' = 'off'): Verdict {
  const { anchors, intermediates, evidence } = inputs
  const target = parseCertificate(leaf.der)
  return validateCertificate({
    target,
    anchors,
    intermediates,
    profile: 'rfc5280',
    time: testTime,
    revocation,
    evidence,
  })
}

const found = (inputs: Inputs, verdict: Verdict) => {
  const evaluated = { target: parseCertificate(leaf.der), verdict, inputs } as unknown as Evaluated
  return Object.fromEntries(dependencyFinder()(evaluated, print('leaf')))
}

const path = { [print('leaf')]: ['target'], [print('ca')]: ['ca'] }

test('a verdict rests on its path and anchor, and not on what it was given beside them', () => {
  const inputs = inputsWith()
  const verdict = verdictOn(inputs)
  assert.equal(verdict.valid, true)
  const { [print('root')]: rootRoles, ...others } = found(inputs, verdict)
  assert.ok(rootRoles?.includes('anchor'))
  assert.deepEqual(others, path)
})

test('a CRL is put down to every given certificate of its issuer’s name', () => {
  const inputs = inputsWith({ crls: [parseCrl(ca.crl()), parseCrl(root.crl())] })
  const dependencies = found(inputs, verdictOn(inputs, 'soft-fail'))
  assert.deepEqual(dependencies[print('ca')], ['ca', 'crl_issuer'])
  assert.deepEqual(dependencies[print('caAgain')], ['crl_issuer'])
  assert.ok(dependencies[print('root')]?.includes('crl_issuer'))
})

test('an OCSP response is put down to who may have signed it', () => {
  const certId = ca.certId(leaf.serial as number)
  const delegate = ca.issue('CN=Responder', {
    key: testKey('p256', 'delegate'),
    extra: [extendedKeyUsage(['ocspSigning'])],
  })
  const other = ca.issue('CN=Other responder', { key: testKey(), extra: [extendedKeyUsage(['ocspSigning'])] })
  const parsedDelegate = parseCertificate(delegate.der)
  const rolesOf = (template: Parameters<typeof ca.ocsp>[1], intermediates = [ca, caAgain, other]) => {
    const response = parseOcspResponse(ca.ocsp([{ certId, status: 'good' }], template))
    const inputs = inputsWith({
      intermediates: intermediates.map(({ der }) => parseCertificate(der)),
      ocspResponses: [response],
    })
    return found(inputs, verdictOn(inputs, 'soft-fail'))
  }
  const byName = rolesOf({})
  assert.deepEqual([byName[print('ca')], byName[print('caAgain')]], [['ca', 'ocsp_responder'], ['ocsp_responder']])
  assert.equal(byName[parsedDelegate.fingerprint], undefined)
  const byKey = rolesOf({ signer: delegate.key, responder: { byKey: delegate.key }, certificates: [delegate.der] })
  assert.deepEqual(byKey[parsedDelegate.fingerprint], ['ocsp_responder'], 'it came with the response')
  assert.deepEqual(byKey[parseCertificate(other.der).fingerprint], ['ocsp_responder'], 'given, and made for it')
  assert.deepEqual(byKey[print('caAgain')], undefined)
})

test('what the trust store held back counts where the verdict is invalid, and always where it is the target', () => {
  const refused = (name: keyof typeof certificates) => ({
    anchorId: print(name),
    refusal: 'distrusted' as const,
    reason: 'stolen',
    generation: 1,
    subject: 'CN=Root',
  })
  const held = inputsWith({ anchors: [], refused: [refused('root')] })
  const invalid = verdictOn(held)
  assert.equal(invalid.valid, false)
  assert.deepEqual(found(held, invalid), { [print('leaf')]: ['target'], [print('root')]: ['refused'] })

  const beside = inputsWith({ refused: [refused('caAgain')] })
  assert.equal(found(beside, verdictOn(beside))[print('caAgain')], undefined)

  const target = inputsWith({ targetRefused: refused('leaf') })
  assert.deepEqual(found(target, verdictOn(target))[print('leaf')], ['target', 'refused'])
})

test('at most 90 certificates are filed, the path before the signers of evidence', () => {
  const many = Array.from({ length: 120 }, (_, i) =>
    parseCertificate(root.issue('CN=CA', { key: ca.key, serial: 1000 + i, extensions: [] }).der),
  )
  const inputs = inputsWith({ intermediates: [...many, parseCertificate(ca.der)], crls: [parseCrl(ca.crl())] })
  const dependencies = found(inputs, verdictOn(inputs, 'soft-fail'))
  assert.equal(Object.keys(dependencies).length, 90)
  assert.deepEqual(dependencies[print('leaf')], ['target'])
  assert.ok(dependencies[print('ca')]?.includes('ca'))
})
