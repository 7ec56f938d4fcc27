import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import type { ProfileCompatibility } from '../profiles/types.ts'
import * as T from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { validateCertificate } from './validate-certificate.ts'
import type { ValidationInput } from './validation-input.ts'

const lenientRules: readonly ProfileCompatibility[] = ['lenient-extensions']
const key = T.testKey('p256', 'lenient-csca')
const octets = (...bytes: number[]) => Uint8Array.from(bytes)

/** Extension with the BOOLEAN and the value as given. */
const raw = (oid: string, critical: Uint8Array, value: Uint8Array) =>
  der.sequence(der.oid(oid), ...(critical.length === 0 ? [] : [critical]), der.octetString(value))
const trueOctets = octets(1, 1, 0xff)

function chain(csca: readonly Uint8Array[]) {
  const usual = [T.basicConstraints(), T.keyUsage(['keyCertSign', 'cRLSign']), T.subjectKeyIdentifier(key)]
  const replaced = (mine: readonly Uint8Array[]) => {
    const oids = mine.map(extension => oidOf(extension))
    return [...usual.filter(extension => !oids.includes(oidOf(extension))), ...mine]
  }
  const root = T.createRoot('C=UT, CN=CSCA', { key, extensions: replaced(csca) })
  const { der: target } = root.issue('C=UT, CN=DSC')
  return { target, anchors: [root.der] }
}

const oidOf = (extension: Uint8Array) => Buffer.from(extension.subarray(2, 2 + 2 + 3)).toString('hex')

function judge(
  input: Pick<ValidationInput, 'target' | 'anchors' | 'intermediates'>,
  compatibilities?: readonly ProfileCompatibility[],
) {
  const verdict = validateCertificate({
    ...input,
    profile: 'icao-dsc',
    time: T.testTime,
    ...(compatibilities && { compatibilities }),
  })
  const of = verdict.findings.map(({ code, certificate, severity }) => `${severity} ${code} ${certificate}`)
  return { valid: verdict.valid, of, verdict }
}

// What CSCA certificates in circulation have: Cyprus, Georgia and others; Ukraine; Lithuania; Liechtenstein.
const departures = {
  'named bits with trailing zeros': raw(oids.keyUsage, trueOctets, octets(3, 2, 0, 6)),
  'TRUE as 01': raw(oids.basicConstraints, trueOctets, octets(0x30, 6, 1, 1, 1, 2, 1, 0)),
  'a criticality of 01': raw(oids.keyUsage, octets(1, 1, 1), octets(3, 2, 1, 6)),
  'FALSE written of an extension that is not known': raw('1.2.3.4', octets(1, 1, 0), octets(5, 0)),
}

describe('extensions that are BER and not DER', () => {
  for (const [what, extension] of Object.entries(departures)) {
    test(`${what}: invalid, and valid with a warning by the named compatibility`, () => {
      const input = chain([extension])
      const strict = judge(input)
      assert.equal(strict.valid, false)
      assert.ok(strict.of.includes('error extension_malformed 1'), strict.of.join())
      assert.deepEqual(
        [judge(input, lenientRules).valid, judge(input, lenientRules).of],
        [true, ['warning extension_compatibility 1']],
      )
    })
  }

  test('a key identifier without its OCTET STRING and empty alternative names, where they are asked for', () => {
    const { target, anchors } = chain([raw(oids.issuerAltName, trueOctets, octets(0x30, 0))])
    // The refusal names what would help.
    assert.deepEqual(judge({ target, anchors }).of, [
      'error extension_malformed 1',
      'warning compatibility_would_help null',
    ])
    const identifier = raw(oids.subjectKeyIdentifier, trueOctets, octets(0xb5, 0xe2, 0x3d))
    const both = chain([raw(oids.issuerAltName, trueOctets, octets(0x30, 0)), identifier])
    assert.deepEqual(judge(both, lenientRules).of, [
      'warning extension_compatibility 1',
      'warning extension_compatibility 1',
    ])
  })

  test('what the extension says still binds', () => {
    const root = T.createRoot('C=UT, CN=CSCA', { key })
    const under = (...extensions: readonly Uint8Array[]) => {
      const link = root.subordinate('C=UT, CN=CSCA 2', { extensions })
      const { der: target } = link.issue('C=UT, CN=DSC')
      const input = { target, anchors: [root.der], intermediates: [link.der] }
      return judge(input, lenientRules).of.filter(one => one.startsWith('error'))
    }
    const usage = raw(oids.keyUsage, trueOctets, octets(3, 2, 0, 6))
    const ca = raw(oids.basicConstraints, octets(1, 1, 1), octets(0x30, 3, 1, 1, 1))
    assert.deepEqual(under(ca, usage), [])
    const noUsage = under(ca, raw(oids.keyUsage, trueOctets, octets(3, 2, 0, 2)))
    assert.ok(noUsage.includes('error key_usage_without_cert_sign 1'), noUsage.join())
    const noCa = under(raw(oids.basicConstraints, trueOctets, octets(0x30, 3, 1, 1, 0)), usage)
    assert.ok(noCa.includes('error not_a_ca 1'), noCa.join())
    const unreadable = under(raw(oids.basicConstraints, trueOctets, octets(0x30, 3, 1, 1)), usage)
    assert.ok(unreadable.includes('error extension_malformed 1'), unreadable.join())
    const unknown = under(ca, usage, raw('1.2.3.4', octets(1, 1, 2), octets(5, 0)))
    assert.deepEqual(unknown, ['error unknown_critical_extension 1'])
  })

  test('a certificate without departures needs no warning, and one read leniently is strict again without the name', () => {
    assert.deepEqual(judge(chain([]), lenientRules).of, [])
    const signer = raw(oids.keyUsage, trueOctets, octets(3, 2, 0, 0x80))
    const root = T.createRoot('C=UT, CN=CSCA', { key })
    const odd = root.issue('C=UT, CN=DSC', { extensions: [signer, T.authorityKeyIdentifier({ key })] }).der
    const read = judge({ target: odd, anchors: [root.der] }, lenientRules)
    assert.deepEqual([read.valid, read.of], [true, ['warning extension_compatibility 0']])
    const again = read.verdict.path[0]
    assert.ok(again?.isLenient)
    assert.equal(judge({ target: again, anchors: [root.der] }).valid, false)
    assert.equal(judge({ target: again, anchors: [root.der] }, lenientRules).valid, true)
  })

  test('other profiles do not know the name', () => {
    const { target, anchors } = chain([])
    assert.throws(() => validateCertificate({ target, anchors, profile: 'rfc5280', compatibilities: lenientRules }), {
      code: 'argument_invalid',
    })
    assert.equal(parseCertificate(target).isLenient, false)
  })
})
