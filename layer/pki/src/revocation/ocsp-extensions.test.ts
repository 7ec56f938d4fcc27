import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as der from '../der/writer.ts'
import {
  certId,
  createRoot,
  extension,
  revocationInput,
  type SingleResponseInput,
  testKey,
  unknownExtension,
} from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { checkOcsp } from './ocsp-check.ts'
import { buildOcspRequest, parseOcspRequest } from './ocsp-request.ts'

const root = createRoot('C=UT, CN=OCSP Root')
const leaf = root.issue('CN=Leaf')
const pair = { certificate: parseCertificate(leaf.der), issuer: parseCertificate(root.der) }

function single(status: SingleResponseInput['status'] = 'good', more: Partial<SingleResponseInput> = {}) {
  return { certId: root.certId(leaf.serial), status, ...more }
}

function check(ocspResponses: readonly Uint8Array[]) {
  const outcome = checkOcsp(revocationInput({ certificate: leaf.der, path: [root.der], ocspResponses }))
  return { ...outcome, codes: outcome.findings.map(({ code }) => code) }
}

describe('extensions of OCSP (RFC 6960 §4.4)', () => {
  const time = Buffer.from('180f32303230303130313030303030305a', 'hex')
  const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

  test('a critical one that is known and right is no obstacle', () => {
    for (const [oid, value] of [
      ['1.3.6.1.5.5.7.48.1.2', hex('04020102')],
      ['1.3.6.1.5.5.7.48.1.3', hex('3000')],
      ['1.3.6.1.5.5.7.48.1.3', hex('3010a0091607687474703a2f2fa103020107')],
      ['1.3.6.1.5.5.7.48.1.3', Uint8Array.of(0x30, time.length + 2, 0xa2, time.length, ...time)],
      ['1.3.6.1.5.5.7.48.1.6', time],
      ['1.3.6.1.5.5.7.48.1.9', hex('0500')],
      ['2.5.29.21', hex('0a0101')],
      ['2.5.29.24', time],
      ['1.3.6.1.4.1.11129.2.4.5', hex('0400')],
    ] as const) {
      const critical = extension(oid, value, true)
      assert.equal(check([root.ocsp([single()], { extensions: [critical] })]).status, 'good', oid)
      assert.equal(check([root.ocsp([single('good', { extensions: [critical] })])]).status, 'good', oid)
    }
  })

  test('a critical one that is known and cannot be read refuses the response, one that is not critical does not', () => {
    for (const [oid, value] of [
      ['1.3.6.1.5.5.7.48.1.2', hex('0500')],
      ['1.3.6.1.5.5.7.48.1.3', hex('0500')],
      ['1.3.6.1.5.5.7.48.1.3', hex('3003a30116')],
      ['1.3.6.1.5.5.7.48.1.6', hex('0400')],
      ['1.3.6.1.5.5.7.48.1.6', Uint8Array.of(...time, 0)],
      ['1.3.6.1.5.5.7.48.1.9', hex('0400')],
      ['2.5.29.21', hex('0a0163')],
      ['2.5.29.24', hex('170d3230303130313030303030305a')],
      ['1.3.6.1.4.1.11129.2.4.5', hex('0500')],
    ] as const) {
      for (const critical of [true, false]) {
        const extensions = [extension(oid, value, critical)]
        const codes = critical ? ['ocsp_unknown_critical_extension'] : []
        assert.deepEqual(check([root.ocsp([single()], { extensions })]).codes, codes, oid)
        assert.deepEqual(check([root.ocsp([single('good', { extensions })])]).codes, codes, oid)
      }
    }
    const broken = root.ocsp([single()], { extensions: [extension('1.3.6.1.5.5.7.48.1.6', hex('0400'), true)] })
    assert.equal(check([broken]).status, 'undetermined')
    assert.equal(check([broken, root.ocsp([single()])]).status, 'good')
  })

  test('of a request name a critical one that is not understood', () => {
    const { certIds: _, ...plain } = parseOcspRequest(buildOcspRequest({ ...pair, nonce: new Uint8Array(32) }))
    assert.equal(plain.unknownCriticalExtension, undefined)
    const id = certId({ issuer: 'CN=x', issuerSpki: testKey().spki, serial: 1 })
    const request = (ofRequest: readonly Uint8Array[], ofSingle: readonly Uint8Array[]): string | undefined => {
      const list = (tag: number, all: readonly Uint8Array[]): Uint8Array[] =>
        all.length === 0 ? [] : [der.explicit(tag, der.sequence(...all))]
      const tbs = der.sequence(der.sequence(der.sequence(id, ...list(0, ofSingle))), ...list(2, ofRequest))
      return parseOcspRequest(der.sequence(tbs)).unknownCriticalExtension
    }
    const unknown = '1.3.6.1.4.1.55555.1.1'
    assert.equal(request([unknownExtension(true)], []), unknown)
    assert.equal(request([], [unknownExtension(true)]), unknown)
    assert.equal(request([unknownExtension(true)], [unknownExtension(true)]), unknown)
    assert.equal(request([unknownExtension(false)], [unknownExtension(false)]), undefined)
    assert.equal(request([extension('1.3.6.1.5.5.7.48.1.2', hex('04020102'), true)], []), undefined)
  })
})
