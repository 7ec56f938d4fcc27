import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as der from '../der/writer.ts'
import {
  certId,
  createRoot,
  extendedKeyUsage,
  extension,
  issueOcspError,
  keyUsage,
  type OcspTemplate,
  ocspNonce,
  type RevocationInputOptions,
  revocationInput,
  type SingleResponseInput,
  testDay,
  testKey,
  testTime,
  unknownExtension,
} from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { checkOcsp } from './ocsp-check.ts'
import { buildOcspRequest, parseOcspRequest } from './ocsp-request.ts'

const root = createRoot('C=UT, CN=OCSP Root')
const leaf = root.issue('CN=Leaf')
const responderKey = testKey('p256', 'responder')
const delegateOid = [keyUsage(['digitalSignature']), extendedKeyUsage(['ocspSigning'])]
const responder = root.issue('CN=Responder', { key: responderKey, extensions: delegateOid })

function single(status: SingleResponseInput['status'] = 'good', more: Partial<SingleResponseInput> = {}) {
  return { certId: root.certId(leaf.serial), status, ...more }
}

function check(ocspResponses: readonly Uint8Array[], options: Partial<RevocationInputOptions> = {}) {
  const outcome = checkOcsp(revocationInput({ certificate: leaf.der, path: [root.der], ocspResponses, ...options }))
  return { ...outcome, codes: outcome.findings.map(({ code }) => code) }
}

/** A response of the delegated responder. */
function delegated(template: Partial<OcspTemplate> = {}, responses = [single()]): Uint8Array {
  const by = { signer: responderKey, responder: { byName: 'CN=Responder' } }
  return root.ocsp(responses, { ...by, certificates: [responder.der], ...template })
}

describe('a response of the CA itself', () => {
  test('good, by name and by key', () => {
    assert.equal(check([root.ocsp([single()])]).status, 'good')
    const byKey = check([root.ocsp([single()], { responder: { byKey: root.key } })])
    assert.equal(byKey.status, 'good')
    assert.deepEqual(byKey.evidence, [
      {
        source: 'ocsp',
        index: 0,
        status: 'good',
        thisUpdate: testDay(-1).getTime(),
        producedAt: testDay(-1).getTime(),
        nextUpdate: testDay(7).getTime(),
      },
    ])
  })

  test('revoked, with reason and date', () => {
    const result = check([root.ocsp([single({ revokedAt: testDay(-3), reason: 'keyCompromise' })])])
    assert.equal(result.status, 'revoked')
    assert.equal(result.reason, 'keyCompromise')
    assert.equal(result.revocationDate, testDay(-3).getTime())
    assert.equal(check([root.ocsp([single({ revokedAt: testDay(-3) })])]).reason, 'unspecified')
  })

  test('unknown is not good', () => {
    const { status, codes } = check([root.ocsp([single('unknown')])])
    assert.equal(status, 'undetermined')
    assert.deepEqual(codes, ['ocsp_status_unknown'])
  })

  test('of good and unknown at the same time unknown counts, and revoked before both', () => {
    assert.equal(check([root.ocsp([single(), single('unknown')])]).status, 'undetermined')
    assert.equal(check([root.ocsp([single('unknown')]), root.ocsp([single()])]).status, 'undetermined')
    assert.equal(check([root.ocsp([single('unknown', { thisUpdate: testDay(-2) }), single()])]).status, 'good')
    assert.equal(check([root.ocsp([single(), single({ revokedAt: testDay(-3) })])]).status, 'revoked')
  })

  test('signed before the certificate is valid it knows nothing good of it', () => {
    const { status, codes } = check([root.ocsp([single()], { producedAt: testDay(-400) })])
    assert.deepEqual([status, codes], ['undetermined', ['ocsp_produced_too_early']])
    const revoked = single({ revokedAt: testDay(-3) })
    assert.equal(check([root.ocsp([revoked], { producedAt: testDay(-400) })]).status, 'revoked')
  })

  test('signed certificate timestamps may be critical', () => {
    const timestamps = extension('1.3.6.1.4.1.11129.2.4.5', Uint8Array.of(4, 0), true)
    assert.equal(check([root.ocsp([single('good', { extensions: [timestamps] })])]).status, 'good')
  })

  test('a name or key of someone else is not the responder', () => {
    const stranger = testKey('p256', 'stranger')
    assert.deepEqual(check([root.ocsp([single()], { responder: { byName: 'CN=Else' } })]).codes, [
      'ocsp_responder_not_found',
    ])
    assert.deepEqual(check([root.ocsp([single()], { responder: { byKey: stranger } })]).codes, [
      'ocsp_responder_not_found',
    ])
    assert.deepEqual(check([root.ocsp([single()], { signer: stranger })]).codes, ['ocsp_signature_invalid'])
    assert.deepEqual(check([root.ocsp([single()], { corruptSignature: true })]).codes, ['ocsp_signature_invalid'])
  })
})

describe('CertID (§4.1.1)', () => {
  for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
    test(`with ${hash}`, () => {
      const id = root.certId(leaf.serial, hash)
      assert.equal(check([root.ocsp([single('good', { certId: id })])]).status, 'good')
    })
  }

  test('of another issuer name, issuer key or serial number is about someone else', () => {
    const ids = [
      { ...root.certId(leaf.serial), issuer: 'CN=Else' },
      { ...root.certId(leaf.serial), issuerSpki: responderKey.spki },
      root.certId(999),
    ]
    for (const id of ids) {
      assert.deepEqual(check([root.ocsp([single('good', { certId: id })])]).codes, ['ocsp_no_matching_response'])
    }
  })

  test('with an unknown digest is about no certificate', () => {
    const id = Buffer.from(certId(root.certId(leaf.serial)))
    const at = id.indexOf(Buffer.from('2b0e03021a', 'hex'))
    id[at + 4] = 0x1b
    assert.deepEqual(check([root.ocsp([single('good', { certId: new Uint8Array(id) })])]).codes, [
      'ocsp_no_matching_response',
    ])
  })

  test('among many single responses', () => {
    const others = [1000, 1001, 1002].map(serial => single('good', { certId: root.certId(serial) }))
    const revoked = single({ revokedAt: testDay(-2) })
    assert.equal(check([root.ocsp([...others, revoked])]).status, 'revoked')
    assert.equal(check([root.ocsp([single(), revoked])]).status, 'revoked', 'revoked wins')
    const newer = single('unknown', { thisUpdate: testDay(-0.5) })
    assert.equal(check([root.ocsp([single(), newer])]).status, 'undetermined', 'the newest counts')
  })
})

describe('a delegated responder (§4.2.2.2)', () => {
  test('good, by name and by key', () => {
    assert.equal(check([delegated()]).status, 'good')
    assert.equal(check([delegated({ responder: { byKey: responderKey } })]).status, 'good')
  })

  test('its certificate may be at hand instead of in the response', () => {
    const response = delegated({ certificates: [] })
    assert.deepEqual(check([response]).codes, ['ocsp_responder_not_found'])
    assert.equal(check([response], { pool: [responder.der] }).status, 'good')
  })

  test('needs id-kp-OCSPSigning by name', () => {
    const usages = [[], [extendedKeyUsage(['serverAuth'])], [extendedKeyUsage(['any'])]]
    for (const extensions of usages) {
      const certificate = root.issue('CN=Responder', { key: responderKey, extensions }).der
      const { codes, status } = check([delegated({ certificates: [certificate] })])
      assert.equal(status, 'undetermined')
      assert.deepEqual(codes, ['ocsp_responder_unauthorized'])
    }
  })

  test('needs a keyUsage for signatures on data, where it has one', () => {
    const extensions = [keyUsage(['keyCertSign']), extendedKeyUsage(['ocspSigning'])]
    const certificate = root.issue('CN=Responder', { key: responderKey, extensions }).der
    assert.deepEqual(check([delegated({ certificates: [certificate] })]).codes, ['ocsp_responder_unauthorized'])
    const bare = root.issue('CN=Responder', { key: responderKey, extensions: [extendedKeyUsage(['ocspSigning'])] }).der
    assert.equal(check([delegated({ certificates: [bare] })]).status, 'good')
  })

  test('must be issued directly by the CA it answers for', () => {
    const sub = root.subordinate('C=UT, CN=Sub')
    const indirect = sub.issue('CN=Responder', { key: responderKey, extensions: delegateOid }).der
    assert.deepEqual(check([delegated({ certificates: [indirect] })]).codes, ['ocsp_responder_unauthorized'])
    const stranger = createRoot(root.name, { key: testKey('p256', 'stranger') })
    const forged = stranger.issue('CN=Responder', { key: responderKey, extensions: delegateOid }).der
    assert.deepEqual(check([delegated({ certificates: [forged] })]).codes, ['ocsp_responder_unauthorized'])
    const broken = root.issue('CN=Responder', {
      key: responderKey,
      extensions: delegateOid,
      corruptSignature: true,
    }).der
    assert.deepEqual(check([delegated({ certificates: [broken] })]).codes, ['ocsp_responder_unauthorized'])
  })

  test('must have a valid path', () => {
    const expired = root.issue('CN=Responder', {
      key: responderKey,
      extensions: delegateOid,
      notAfter: testDay(-1),
    }).der
    assert.deepEqual(check([delegated({ certificates: [expired] })]).codes, ['ocsp_responder_invalid'])
  })

  test('must have signed the response', () => {
    assert.deepEqual(check([delegated({ corruptSignature: true })]).codes, ['ocsp_signature_invalid'])
    assert.deepEqual(check([delegated({ signer: testKey('p256', 'stranger') })]).codes, ['ocsp_signature_invalid'])
  })

  test('does not answer for its own certificate', () => {
    const own = { ...single(), certId: root.certId(responder.serial) }
    const { codes } = check([delegated({}, [own])], { certificate: responder.der })
    assert.deepEqual(codes, ['ocsp_responder_unauthorized'])
  })

  test('costs no signature check and no path where names or usages already fail', () => {
    const certificate = root.issue('CN=Responder', { key: responderKey, extensions: [] }).der
    const input = revocationInput({
      certificate: leaf.der,
      path: [root.der],
      ocspResponses: [delegated({ certificates: [certificate] })],
    })
    checkOcsp(input)
    assert.deepEqual(input.counts, { signatures: 0, paths: 0 })
  })
})

describe('times (§4.2.2.1)', () => {
  const cases: [string, Partial<SingleResponseInput>, string][] = [
    ['thisUpdate ahead', { thisUpdate: testDay(1) }, 'ocsp_not_yet_valid'],
    ['nextUpdate past', { thisUpdate: testDay(-9), nextUpdate: testDay(-1) }, 'ocsp_stale'],
    ['no nextUpdate', { nextUpdate: null }, 'ocsp_no_next_update'],
  ]
  for (const [name, more, code] of cases) {
    test(name, () => assert.deepEqual(check([root.ocsp([single('good', more)])]).codes, [code]))
  }

  test('producedAt ahead', () => {
    assert.deepEqual(check([root.ocsp([single()], { producedAt: testDay(1) })]).codes, ['ocsp_produced_in_future'])
    const soon = root.ocsp([single()], { producedAt: new Date(testTime.getTime() + 60_000) })
    assert.equal(check([soon], { policy: { clockSkewSeconds: 120 } }).status, 'good')
  })

  test('a greatest age', () => {
    const policy = { maximumAgeSeconds: 3600 }
    assert.deepEqual(check([root.ocsp([single()])], { policy }).codes, ['ocsp_too_old'])
    const fresh = single('good', { thisUpdate: testDay(-0.01), nextUpdate: null })
    assert.equal(check([root.ocsp([fresh])], { policy }).status, 'good')
  })

  test('later evidence', () => {
    const at = testDay(-30)
    const policy = { laterEvidence: true }
    const revoked = (reason: 'superseded' | 'keyCompromise') => root.ocsp([single({ revokedAt: testDay(-3), reason })])
    assert.equal(check([revoked('superseded')], { at }).status, 'undetermined')
    assert.equal(check([revoked('superseded')], { at, policy }).status, 'good')
    assert.equal(check([revoked('keyCompromise')], { at, policy }).status, 'revoked')
    const short = root.issue('CN=Short', { notAfter: testDay(-20) })
    const about = { certId: root.certId(short.serial) }
    const options = { at, policy, certificate: short.der }
    assert.deepEqual(check([root.ocsp([single('good', about)])], options).codes, ['ocsp_after_expiry'])
    const cutoff = (value: Uint8Array) => {
      const extensions = [extension('1.3.6.1.5.5.7.48.1.6', value)]
      return check([root.ocsp([single('good', { ...about, extensions })])], options)
    }
    assert.equal(cutoff(der.generalizedTime(testDay(-3000))).status, 'good')
    assert.deepEqual(cutoff(der.generalizedTime(testDay(-19))).codes, ['ocsp_after_expiry'], 'later than the expiry')
    assert.deepEqual(cutoff(der.integer(1)).codes, ['ocsp_after_expiry'], 'no time')
  })
})

describe('extensions', () => {
  test('a critical one that is not known refuses the response', () => {
    const response = root.ocsp([single()], { extensions: [unknownExtension(true)] })
    assert.deepEqual(check([response]).codes, ['ocsp_unknown_critical_extension'])
    const inSingle = root.ocsp([single('good', { extensions: [unknownExtension(true)] })])
    assert.deepEqual(check([inSingle]).codes, ['ocsp_unknown_critical_extension'])
    assert.equal(check([root.ocsp([single()], { extensions: [unknownExtension(false)] })]).status, 'good')
  })

  test('the nonce of the request must come back', () => {
    const nonce = Uint8Array.from({ length: 32 }, (_, index) => index)
    const policy = { ocspNonce: nonce }
    const answered = (value: Uint8Array, more: Partial<SingleResponseInput> = {}) =>
      root.ocsp([single('good', more)], { extensions: [ocspNonce(value)] })
    assert.equal(check([answered(nonce)], { policy }).status, 'good')
    assert.equal(check([answered(nonce, { nextUpdate: null })], { policy }).status, 'good', 'as new as can be')
    assert.deepEqual(check([answered(nonce.slice(1))], { policy }).codes, ['ocsp_nonce_mismatch'])
    assert.deepEqual(check([root.ocsp([single()])], { policy }).codes, ['ocsp_nonce_mismatch'])
    assert.equal(check([answered(nonce)]).status, 'good', 'nobody asked')
  })
})

describe('what is no answer', () => {
  test('an error status', () => {
    for (const status of [1, 2, 3, 5, 6]) {
      assert.deepEqual(check([issueOcspError(status)]).codes, ['ocsp_unsuccessful'])
    }
  })

  test('a good response after useless ones decides', () => {
    assert.equal(check([issueOcspError(3), Uint8Array.of(1, 2), root.ocsp([single()])]).status, 'good')
  })
})

describe('requests', () => {
  const certificate = parseCertificate(leaf.der)
  const issuer = parseCertificate(root.der)

  test('are read back as they were built, and their CertID is what responders answer to', () => {
    const nonce = Uint8Array.of(1, 2, 3)
    const request = parseOcspRequest(buildOcspRequest({ certificate, issuer, hash: 'sha256', nonce }))
    assert.equal(request.certIds.length, 1)
    assert.deepEqual(request.nonce, nonce)
    assert.equal(request.signed, false)
    assert.equal(request.certIds[0]?.hashAlgorithm, '2.16.840.1.101.3.4.2.1')
    const expected = certId(root.certId(leaf.serial, 'sha256'))
    const built = Buffer.from(buildOcspRequest({ certificate, issuer, hash: 'sha256' }))
    assert.ok(built.includes(Buffer.from(expected)))
  })

  test('a nonce of 0 or 129 octets is refused', () => {
    for (const size of [0, 129]) {
      const build = () => buildOcspRequest({ certificate, issuer, nonce: new Uint8Array(size) })
      assert.throws(build, { code: 'argument_invalid' })
    }
  })

  test('garbage is a coded error', () => {
    assert.throws(() => parseOcspRequest(Uint8Array.of(0x30, 0)), { code: 'ocsp_malformed' })
  })
})
