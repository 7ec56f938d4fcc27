import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { createRoot, extendedKeyUsage, testDay } from '../../../../pki/src/testing/index.ts'
import { clientCertificate, requireClientCertificate } from './client-certificate.ts'
import { testClock, withCode } from './tokens.fixture.ts'

const root = createRoot('C=UT, CN=Test Client Root')
const notBefore = testDay(-10)
const notAfter = testDay(10)
const clockAt = (date: Date) => testClock(date.getTime())
const now = clockAt(testDay(0))

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** The event as API Gateway makes it; what stands beside the PEM is made up, to show that it is not believed. */
function eventOf(clientCertPem: unknown) {
  const validity = { notBefore: 'May 28 12:30:02 2019 GMT', notAfter: 'Aug  5 09:36:04 2021 GMT' }
  const clientCert = { clientCertPem, subjectDN: 'CN=admin', issuerDN: 'CN=root', serialNumber: '1', validity }
  return { requestContext: { authentication: { clientCert } } }
}

const issued = root.issue('C=UT, CN=client', { notBefore, notAfter, extra: [extendedKeyUsage(['clientAuth'])] })
const pem = pemOf(issued.der)

describe('client certificate', () => {
  it('is read from the certificate, not from what stands beside it', () => {
    const certificate = requireClientCertificate(eventOf(pem), now)
    const reference = new X509Certificate(issued.der)
    assert.deepEqual(
      { ...certificate, der: Buffer.from(certificate.der) },
      {
        pem,
        der: Buffer.from(issued.der),
        subject: 'C=UT\nCN=client',
        issuer: 'C=UT\nCN=Test Client Root',
        serialNumber: reference.serialNumber,
        fingerprint: reference.fingerprint256.replaceAll(':', '').toLowerCase(),
        notBefore,
        notAfter,
      },
    )
  })

  it('is absent or required', () => {
    const events = [{}, { requestContext: {} }, { requestContext: { authentication: null } }]
    for (const event of [...events, { requestContext: { authentication: { clientCert: null } } }]) {
      assert.equal(clientCertificate(event, now), undefined)
      assert.throws(() => requireClientCertificate(event, now), withCode('client_certificate_required'))
    }
  })

  it('is valid from its first to its last second', () => {
    const refused = (date: Date) =>
      assert.throws(() => clientCertificate(eventOf(pem), clockAt(date)), withCode('client_certificate_invalid'))
    refused(new Date(notBefore.getTime() - 1))
    assert(clientCertificate(eventOf(pem), clockAt(notBefore)))
    assert(clientCertificate(eventOf(pem), clockAt(notAfter)))
    refused(new Date(notAfter.getTime() + 1))
  })

  it('is for clients, when it says what it is for', () => {
    const with_ = (extra: Uint8Array[]) => eventOf(pemOf(root.issue('CN=x', { notBefore, notAfter, extra }).der))
    assert(clientCertificate(with_([]), now))
    assert(clientCertificate(with_([extendedKeyUsage(['2.5.29.37.0'])]), now))
    assert.throws(
      () => clientCertificate(with_([extendedKeyUsage(['serverAuth'])]), now),
      withCode('client_certificate_invalid'),
    )
  })

  it('is one PEM certificate', () => {
    const broken = pem.replace('MII', 'MIJ')
    const key = pem.replaceAll('CERTIFICATE', 'PRIVATE KEY')
    for (const bad of [undefined, 7, '', 'x', pem + pem, broken, key, pem + ' '.repeat(40_000), issued.der]) {
      assert.throws(() => clientCertificate(eventOf(bad), now), withCode('client_certificate_invalid'))
    }
  })
})
