import assert from 'node:assert/strict'
import { constants, createHash, privateEncrypt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { encodePkcs1Digest } from '../signature/digest-info.ts'
import { createRoot, type IssuedCertificate, type MockAuthority } from '../testing/authority.ts'
import { type TestKeyKind, testKey } from '../testing/keys.ts'
import { defaultAlgorithm, signBytes, signingAlgorithms } from '../testing/signing.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { attribute, buildSignedData, type SignedDataInput, type SignerInput } from './build-signed-data.ts'
import { parseSignedData } from './parse-signed-data.ts'
import { certificatesFromPkcs7 } from './pkcs7.ts'
import type { VerifySignedDataOptions } from './types.ts'
import { verifySignedData } from './verify-signed-data.ts'

const contentType = '1.2.3.4.5'
const content = new TextEncoder().encode('what is signed')
const root: MockAuthority = createRoot('C=UT, CN=CMS Root')

function signerCertificate(kind: TestKeyKind = 'p256'): IssuedCertificate {
  return root.issue(`C=UT, CN=Signer ${kind}`, { key: testKey(kind, 'cms'), serial: 4711 })
}

function signer({ der: certificate, key }: IssuedCertificate, change: Partial<SignerInput> = {}): SignerInput {
  const signatureAlgorithm = signingAlgorithms[defaultAlgorithm(key)].identifier
  return { certificate, signatureAlgorithm, sign: data => signBytes(data, key), ...change }
}

function signed(change: Partial<SignedDataInput> = {}, ofSigner: Partial<SignerInput> = {}): Uint8Array {
  const certificate = signerCertificate()
  return buildSignedData({
    contentType: contentType,
    content,
    signers: [signer(certificate, ofSigner)],
    certificates: [certificate.der],
    ...change,
  })
}

const verify = (bytes: Uint8Array, options: VerifySignedDataOptions = {}) =>
  verifySignedData(parseSignedData(bytes, options), options)

function codes(bytes: Uint8Array, options: VerifySignedDataOptions = {}): string[] {
  const verdict = verify(bytes, options)
  const found = [...verdict.findings, ...verdict.signers.flatMap(one => one.findings)].map(finding => finding.code)
  assert.equal(verdict.valid, found.length === 0)
  return found
}

/** Replaces the only occurrence of a byte string. */
function replaced(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from)
  assert.ok(at >= 0 && Buffer.from(bytes).indexOf(from, at + 1) < 0, 'exactly one occurrence')
  return der.concatBytes([bytes.subarray(0, at), to, bytes.subarray(at + from.length)])
}

for (const kind of ['rsa-2048', 'rsa-pss-2048', 'p256', 'brainpoolP384r1', 'ed25519', 'ml-dsa-65'] as const) {
  test(`a signature by ${kind} verifies`, () => {
    const certificate = signerCertificate(kind)
    const digest = kind === 'brainpoolP384r1' ? 'sha384' : 'sha256'
    const signers = [signer(certificate, { digest, signingTime: new Date('2026-11-22T10:00:00Z') })]
    const verdict = verify(signed({ signers, certificates: [certificate.der] }), { contentType: contentType })
    assert.equal(verdict.valid, true, JSON.stringify([verdict.findings, verdict.signers[0]?.findings]))
    assert.deepEqual(verdict.content, content)
    assert.deepEqual(verdict.signers[0]?.certificate?.der, certificate.der)
    assert.equal(verdict.signers[0]?.signingTime, Date.parse('2026-11-22T10:00:00Z'))
    assert.deepEqual(verdict.compatibility, [])
  })
}

test('rsaEncryption as signature algorithm takes the digest algorithm beside it', () => {
  const certificate = signerCertificate('rsa-2048')
  const signatureAlgorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.nullValue())
  const signers = [signer(certificate, { signatureAlgorithm })]
  assert.deepEqual(codes(signed({ signers, certificates: [certificate.der] })), [])
})

test('the signer is found by subject key identifier, and among certificates given apart', () => {
  assert.deepEqual(codes(signed({}, { sid: 'subjectKeyIdentifier' })), [])
  const bare = signed({ certificates: [] })
  assert.deepEqual(codes(bare), ['cms_signer_certificate_missing'])
  assert.deepEqual(codes(bare, { certificates: [parseCertificate(root.der)] }), ['cms_signer_certificate_missing'])
  const given = [parseCertificate(root.der), parseCertificate(signerCertificate().der)]
  assert.deepEqual(codes(bare, { certificates: given }), [])
})

test('a certificate of the same issuer and serial number but another key does not hide the signer’s', () => {
  const impostor = signerCertificate('p384')
  const own = signerCertificate()
  assert.deepEqual(codes(signed({ certificates: [impostor.der, own.der] })), [])
  assert.deepEqual(codes(signed({ certificates: [impostor.der] })), ['cms_signature_invalid'])
})

test('detached content', () => {
  const detached = signed({ detached: true })
  assert.deepEqual(codes(detached), ['cms_content_missing'])
  assert.deepEqual(codes(detached, { content }), [])
  assert.deepEqual(codes(detached, { content: content.subarray(1) }), ['cms_message_digest_mismatch'])
})

test('content signed without attributes: id-data alone', () => {
  const plain = signed({ contentType: oids.data }, { withoutAttributes: true })
  assert.deepEqual(codes(plain), [])
  assert.throws(() => signed({}, { withoutAttributes: true }), { code: 'argument_invalid' })
  const certificate = signerCertificate()
  // The same signature under a type that asks for attributes.
  const data = der.oid(oids.data)
  const forged = replaced(
    plain,
    der.concatBytes([data, Uint8Array.of(0xa0)]),
    der.concatBytes([der.oid('1.2.840.113549.1.7.5'), Uint8Array.of(0xa0)]),
  )
  assert.deepEqual(codes(forged), ['cms_version_wrong', 'cms_signed_attributes_missing'])
  const other = signed(
    { contentType: oids.data, certificates: [certificate.der] },
    { withoutAttributes: true, sign: d => signBytes(der.concatBytes([d, d]), certificate.key) },
  )
  assert.deepEqual(codes(other), ['cms_signature_invalid'])
})

test('every change to what is signed is found', () => {
  const right = signed()
  const changed = replaced(
    right,
    content,
    Uint8Array.from(content, (octet, index) => (index === 3 ? octet ^ 1 : octet)),
  )
  assert.deepEqual(codes(changed), ['cms_message_digest_mismatch'])
  assert.deepEqual(codes(right, { contentType: oids.data }), ['cms_content_type_unexpected'])
  const lastByte = Uint8Array.from(right, (octet, index) => (index === right.length - 1 ? octet ^ 1 : octet))
  assert.deepEqual(codes(lastByte), ['cms_signature_invalid'])
  // eContentType changed: the signed attribute still names the old one.
  const oldType = der.concatBytes([der.oid(contentType), Uint8Array.of(0xa0)])
  const retyped = replaced(right, oldType, der.concatBytes([der.oid('1.2.3.4.6'), Uint8Array.of(0xa0)]))
  assert.deepEqual(codes(retyped), ['cms_content_type_mismatch'])
  const digest = createHash('sha256').update(content).digest()
  const otherDigest = replaced(right, digest, new Uint8Array(32))
  assert.deepEqual(codes(otherDigest), ['cms_message_digest_mismatch', 'cms_signature_invalid'])
})

/** A SignedData whose signed attributes are exactly these, really signed. */
function withAttributes(
  attributes: Uint8Array,
  change: { asSigned?: Uint8Array; sidVersion?: number; version?: number } = {},
) {
  const certificate = signerCertificate()
  const parsed = parseCertificate(certificate.der)
  const sha256 = der.sequence(der.oid('2.16.840.1.101.3.4.2.1'))
  const info = der.sequence(
    der.integer(change.sidVersion ?? 1),
    der.sequence(parsed.issuer.raw, der.tlv(0x02, parsed.serialNumber)),
    sha256,
    der.implicit(0, attributes),
    signingAlgorithms['ecdsa-sha256'].identifier,
    der.octetString(signBytes(change.asSigned ?? attributes, certificate.key)),
  )
  const encapsulated = der.sequence(der.oid(contentType), der.explicit(0, der.octetString(content)))
  const certificates = der.implicit(0, der.set(certificate.der))
  const fields = [der.integer(change.version ?? 3), der.set(sha256), encapsulated, certificates, der.set(info)]
  return der.sequence(der.oid(oids.signedData), der.explicit(0, der.sequence(...fields)))
}

const typeAttribute = attribute(oids.contentType, der.oid(contentType))
const digestAttribute = attribute(oids.messageDigest, der.octetString(createHash('sha256').update(content).digest()))

test('signed attributes: each is required once, with one value of the right type', () => {
  assert.deepEqual(codes(withAttributes(der.set(typeAttribute, digestAttribute))), [])
  const cases: [Uint8Array, string[]][] = [
    [der.set(digestAttribute), ['cms_content_type_missing']],
    [der.set(typeAttribute), ['cms_message_digest_missing']],
    [der.set(attribute('1.2.3', der.nullValue())), ['cms_content_type_missing', 'cms_message_digest_missing']],
    [der.set(attribute(oids.contentType, der.nullValue()), digestAttribute), ['cms_attribute_malformed']],
    [der.set(typeAttribute, attribute(oids.messageDigest, der.nullValue())), ['cms_attribute_malformed']],
    [der.set(attribute(oids.contentType), digestAttribute), ['cms_attribute_malformed']],
    [
      der.set(attribute(oids.contentType, der.oid(contentType), der.oid('1.2.3')), digestAttribute),
      ['cms_attribute_malformed'],
    ],
    [
      der.set(typeAttribute, digestAttribute, attribute(oids.signingTime, der.nullValue())),
      ['cms_attribute_malformed'],
    ],
  ]
  for (const [attributes, expected] of cases) assert.deepEqual(codes(withAttributes(attributes)), expected)
  const twice = der.set(
    typeAttribute,
    digestAttribute,
    attribute(oids.messageDigest, der.octetString(new Uint8Array(32))),
  )
  assert.throws(() => parseSignedData(withAttributes(twice)), { code: 'cms_malformed' })
  assert.throws(() => parseSignedData(withAttributes(der.set())), { code: 'cms_malformed' })
})

test('attributes out of order are read by the tolerant alone, which says so', () => {
  const sorted = der.set(typeAttribute, digestAttribute)
  const isTypeFirst = der.compareBytes(typeAttribute, digestAttribute) < 0
  const unsorted = der.tlv(
    0x31,
    der.concatBytes(isTypeFirst ? [digestAttribute, typeAttribute] : [typeAttribute, digestAttribute]),
  )
  for (const asSigned of [sorted, unsorted]) {
    const bytes = withAttributes(unsorted, { asSigned })
    assert.throws(() => parseSignedData(bytes), { code: 'cms_malformed' })
    const verdict = verify(bytes, { tolerant: true })
    assert.equal(verdict.valid, true)
    assert.deepEqual(verdict.compatibility, ['signed-attributes-unsorted'])
  }
})

test('versions must follow from the content (RFC 5652 §5.1, §5.3)', () => {
  const attributes = der.set(typeAttribute, digestAttribute)
  assert.deepEqual(codes(withAttributes(attributes, { version: 1 })), ['cms_version_wrong'])
  assert.deepEqual(codes(withAttributes(attributes, { sidVersion: 3 })), ['cms_signer_version_wrong'])
  const tolerated = verify(withAttributes(attributes, { version: 1, sidVersion: 3 }), { tolerant: true })
  assert.equal(tolerated.valid, true)
  assert.deepEqual(tolerated.compatibility, ['signed-data-version', 'signer-info-version'])
})

test('the content’s and the signature’s hash must agree (RFC 8933)', () => {
  const mixed = signed({}, { digest: 'sha512' })
  assert.deepEqual(codes(mixed), ['cms_digest_algorithm_mismatch'])
  assert.deepEqual(verify(mixed, { tolerant: true }).compatibility, ['digest-algorithm-mismatch'])
})

test('id-ecPublicKey as signature algorithm, an unreadable signing time: tolerated by name', () => {
  const ofKey = signed({}, { signatureAlgorithm: der.sequence(der.oid('1.2.840.10045.2.1')) })
  assert.deepEqual(codes(ofKey), ['cms_signature_algorithm_of_key'])
  const byName = verify(ofKey, { tolerant: true })
  assert.deepEqual([byName.valid, byName.compatibility], [true, ['signature-algorithm-of-key']])
  const odd = withAttributes(der.set(typeAttribute, digestAttribute, attribute(oids.signingTime, der.nullValue())))
  const timeless = verify(odd, { tolerant: true })
  assert.deepEqual([timeless.valid, timeless.compatibility], [true, ['signing-time-unreadable']])
  assert.equal(timeless.signers[0]?.signingTime, undefined)
})

test('no signer, several signers, one bad signer', () => {
  assert.deepEqual(codes(signed({ signers: [] })), ['cms_no_signer'])
  const [ec, rsa] = [signerCertificate(), signerCertificate('rsa-2048')]
  const certificates = [ec.der, rsa.der]
  assert.deepEqual(codes(signed({ signers: [signer(ec), signer(rsa)], certificates })), [])
  const bad = signer(rsa, { sign: data => signBytes(der.concatBytes([data, data]), rsa.key) })
  const verdict = verify(signed({ signers: [signer(ec), bad], certificates }))
  assert.equal(verdict.valid, false)
  // A SET is sorted: the order of the signers is that of their encodings.
  assert.deepEqual(verdict.signers.map(one => one.valid).sort(), [false, true])
})

test('algorithms that are not available are said to be so', () => {
  const unknown = der.sequence(der.oid('1.2.3.4'))
  assert.deepEqual(codes(signed({}, { signatureAlgorithm: unknown })), ['cms_algorithm_unavailable'])
  const sha256 = der.oid('2.16.840.1.101.3.4.2.1')
  const bytes = Buffer.from(withAttributes(der.set(typeAttribute, digestAttribute)))
  const md5ish = der.oid('2.16.840.1.101.3.4.2.99')
  for (let at = bytes.indexOf(sha256); at >= 0; at = bytes.indexOf(sha256, at + 1)) bytes.set(md5ish, at)
  assert.deepEqual(codes(bytes), ['cms_algorithm_unavailable'])
  assert.deepEqual(codes(signed({}, { signatureAlgorithm: der.sequence(der.oid('1.2.840.113549.1.1.10')) })), [
    'cms_signature_malformed',
  ])
})

test('a DigestInfo without NULL is accepted by policy and named', () => {
  const certificate = signerCertificate('rsa-2048')
  const sign = (data: Uint8Array) => {
    const message =
      encodePkcs1Digest('sha256', createHash('sha256').update(data).digest(), 256, false) ?? new Uint8Array(0)
    return privateEncrypt({ key: certificate.key.privateKey, padding: constants.RSA_NO_PADDING }, message)
  }
  const bytes = signed({ signers: [signer(certificate, { sign })], certificates: [certificate.der] })
  assert.deepEqual(codes(bytes), ['cms_signature_invalid'])
  const verdict = verify(bytes, { policy: { digestInfoWithoutNull: true } })
  assert.equal(verdict.valid, true)
  assert.deepEqual(verdict.compatibility, ['rsa-digestinfo-without-null'])
})

/** The same values in BER: indefinite lengths throughout, OCTET STRINGs outside the signer in two segments. */
function asBer(bytes: Uint8Array): Uint8Array {
  const first = bytes[0] ?? 0
  const size = bytes[1] ?? 0
  const header = size < 0x80 ? 2 : 2 + (size & 0x7f)
  const inner = bytes.subarray(header)
  if (first === 0x04) {
    const half = inner.length >> 1
    const segments = der.concatBytes([der.octetString(inner.subarray(0, half)), der.octetString(inner.subarray(half))])
    return der.concatBytes([Uint8Array.of(0x24, 0x80), segments, Uint8Array.of(0, 0)])
  }
  if ((first & 0x20) === 0) return bytes
  return der.concatBytes([Uint8Array.of(first, 0x80), ...children(inner).map(asBer), Uint8Array.of(0, 0)])
}

function children(content: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 0; at < content.length; ) {
    const size = content[at + 1] ?? 0
    let length = size
    let header = 2
    if (size >= 0x80) {
      header += size & 0x7f
      length = content.subarray(at + 2, at + header).reduce((value, octet) => value * 256 + octet, 0)
    }
    found.push(content.subarray(at, at + header + length))
    at += header + length
  }
  return found
}

test('BER from the wild: refused by default, read tolerantly, the signature checked over the DER form', () => {
  const right = signed({ certificates: [] })
  const ber = asBer(right)
  assert.throws(() => parseSignedData(ber), { code: 'cms_malformed' })
  const options = { tolerant: true, certificates: [parseCertificate(signerCertificate().der)] }
  const verdict = verify(ber, options)
  assert.equal(verdict.valid, true, JSON.stringify(verdict.signers[0]?.findings))
  assert.deepEqual(verdict.compatibility, ['ber-encoding'])
  assert.deepEqual(verdict.content, content)
  assert.throws(() => parseSignedData(der.concatBytes([right, Uint8Array.of(0)]), { tolerant: true }), {
    code: 'cms_malformed',
  })
})

test('PKCS #7 bundles', () => {
  const certificates = [root.der, signerCertificate().der]
  const bundle = buildSignedData({
    contentType: oids.data,
    content: new Uint8Array(0),
    signers: [],
    certificates,
    detached: true,
  })
  const found = certificatesFromPkcs7(bundle)
  assert.deepEqual([...found].sort(der.compareBytes), [...certificates].sort(der.compareBytes))
  assert.deepEqual(certificatesFromPkcs7(buildSignedData({ contentType: oids.data, content, signers: [] })), [])
  assert.throws(() => certificatesFromPkcs7(root.der), { code: 'cms_malformed' })
  const enveloped = der.sequence(der.oid('1.2.840.113549.1.7.3'), der.explicit(0, der.sequence()))
  assert.throws(() => certificatesFromPkcs7(enveloped), { code: 'cms_unsupported' })
})

test('limits and foreign content are coded errors', () => {
  const many = new Array(65).fill(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')))
  const encapsulated = der.sequence(der.oid(oids.data))
  const build = (digests: Uint8Array, inner: Uint8Array) =>
    der.sequence(der.oid(oids.signedData), der.explicit(0, der.sequence(der.integer(1), digests, inner, der.set())))
  assert.throws(() => parseSignedData(build(der.set(...many), encapsulated)), { code: 'limit_exceeded' })
  const ofSequence = der.sequence(der.oid('1.3.6.1.4.1.311.2.1.4'), der.explicit(0, der.sequence()))
  assert.throws(() => parseSignedData(build(der.set(), ofSequence)), { code: 'cms_unsupported' })
})

test('mutations of a signature give a verdict or a coded error, and never a valid one over other content', () => {
  const right = signed()
  fc.assert(
    fc.property(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, mask, tolerant) => {
      const bytes = Uint8Array.from(right, (octet, index) => (index === at ? octet ^ mask : octet))
      try {
        const verdict = verify(bytes, { tolerant })
        if (verdict.valid) assert.deepEqual(verdict.content, content)
      } catch (error) {
        assert.ok(isPkiError(error), String(error))
      }
    }),
    { numRuns: 600 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      assert.throws(
        () => parseSignedData(bytes, { tolerant: true }),
        error => isPkiError(error),
      )
    }),
  )
})
