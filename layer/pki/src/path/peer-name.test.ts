import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import * as T from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { formatIpAddress, parseIpAddress } from './ip-address.ts'
import { matchPeerName, peerNameOfHost } from './peer-name.ts'

const root = T.createRoot()
const certificateFor = (...names: T.GeneralNameInput[]) =>
  parseCertificate(root.issue('CN=common.test', { extensions: [T.subjectAltName(names)] }).der)

describe('a host matches (RFC 9525 §6)', () => {
  const certificate = certificateFor(
    { dns: 'a.test' },
    { dns: '*.wild.test' },
    { dns: 'ba*.part.test' },
    { dns: '*.*.two.test' },
    { dns: 'x.*.inner.test' },
    { dns: '*' },
    { dns: '*.test' },
    { dns: 'xn--bcher-kva.test' },
    { ip: [192, 0, 2, 1] },
    { ip: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] },
  )
  for (const [host, expected] of [
    ['a.test', 'match'],
    ['A.TEST', 'match'],
    ['a.test.', 'match'],
    ['b.a.test', 'mismatch'],
    ['one.wild.test', 'match'],
    ['one.two.wild.test', 'mismatch'],
    ['wild.test', 'mismatch'],
    ['bar.part.test', 'mismatch'],
    ['a.b.two.test', 'mismatch'],
    ['x.y.inner.test', 'mismatch'],
    ['other.test', 'mismatch'],
    ['bücher.test', 'match'],
    ['common.test', 'mismatch'],
    ['192.0.2.1', 'match'],
    ['192.0.2.2', 'mismatch'],
    ['2001:db8::1', 'match'],
    ['[2001:DB8:0:0::1]', 'match'],
    ['*.wild.test', 'invalid'],
    ['', 'invalid'],
    ['a..test', 'invalid'],
    ['a.test\0.evil.test', 'invalid'],
  ] as const) {
    test(`${JSON.stringify(host)}: ${expected}`, () => {
      assert.equal(matchPeerName(certificate, peerNameOfHost(host)), expected)
    })
  }

  test('never by the common name, nor an address by a host name', () => {
    assert.equal(matchPeerName(certificateFor({ dns: '192.0.2.1' }), { kind: 'ip', value: '192.0.2.1' }), 'mismatch')
    const bare = parseCertificate(root.issue('CN=common.test').der)
    assert.equal(matchPeerName(bare, { kind: 'dns', value: 'common.test' }), 'mismatch')
  })

  test('a mailbox by its exact local part', () => {
    const mail = certificateFor({ email: 'User@Example.test' })
    assert.equal(matchPeerName(mail, { kind: 'email', value: 'User@example.TEST' }), 'match')
    assert.equal(matchPeerName(mail, { kind: 'email', value: 'user@example.test' }), 'mismatch')
    assert.equal(matchPeerName(mail, { kind: 'email', value: 'no mailbox' }), 'invalid')
  })
})

describe('addresses in text', () => {
  test('come back from their octets', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
        octets => {
          assert.deepEqual(parseIpAddress(formatIpAddress(octets)), octets)
        },
      ),
    )
  })

  test('are written as RFC 5952 wants them', () => {
    for (const [text, canonical] of [
      ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['::', '::'],
      ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ] as const) {
      assert.equal(formatIpAddress(parseIpAddress(text) ?? new Uint8Array(4)), canonical)
    }
  })

  test('that are none are reported', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      '0x1.2.3.4',
      '1:2:3:4:5:6:7',
      '1::2::3',
      ':::',
      '12345::',
      '1:2:3:4:5:6:7:8:9',
      '1::2:3:4:5:6:7:8',
      '::1%eth0',
      '1.2.3.4::',
    ]) {
      assert.equal(parseIpAddress(text), undefined, text)
    }
  })
})
