import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { profiles } from '../profiles/profiles.ts'
import * as T from '../testing/index.ts'
import { validateCertificate } from '../verdict/validate-certificate.ts'
import { namedCurves } from './named-curves.ts'
import { readPublicKey } from './public-key.ts'

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const spki = (algorithm: Uint8Array, key: Uint8Array) => der.sequence(algorithm, der.bitString(key))
const named = (oid: string, ...parameters: Uint8Array[]) => der.sequence(der.oid(oid), ...parameters)
const bare = (oid: string, key: Uint8Array) => spki(named(oid), key)
const ecOid = '1.2.840.10045.2.1'
const p256 = der.oid('1.2.840.10045.3.1.7')
const ec = (point: Uint8Array, curve: Uint8Array = p256) => spki(named(ecOid, curve), point)
const ec256 = namedCurves.find(({ name }) => name === 'secp256r1')?.domain ?? assert.fail()
const good = T.publicKeyBits(T.testKey('p256').spki)
const [x, y] = [good.subarray(1, 33), good.subarray(33)]
const join = (...parts: Uint8Array[]) => der.concatBytes(parts)
const bumped = (bytes: Uint8Array, at = bytes.length - 1) =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const rsa = (n: bigint, e: bigint) =>
  spki(named('1.2.840.113549.1.1.1', der.nullValue()), der.sequence(der.integer(n), der.integer(e)))
const big = (1n << 2047n) + 12_345n
const dsaKeys = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
const ed448Prime = (1n << 448n) - (1n << 224n) - 1n
const little = (value: bigint, size: number) =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex').reverse())

/** Subject keys that are none, by what is wrong. */
const noKeys: Readonly<Record<string, Uint8Array>> = {
  'EC point off the curve': ec(join(Uint8Array.of(4), x, bumped(y))),
  'EC point off a curve that is spelt out': spki(named(ecOid, explicitP256()), join(Uint8Array.of(4), x, bumped(y))),
  'EC x of p and more': ec(join(Uint8Array.of(4), octets(ec256.p), y)),
  'EC y of p and more': ec(join(Uint8Array.of(4), x, new Uint8Array(32).fill(0xff))),
  'compressed EC x of p and more': ec(join(Uint8Array.of(2), new Uint8Array(32).fill(0xff))),
  'compressed EC x of no point': ec(join(Uint8Array.of(2), xWithoutPoint())),
  'EC point at infinity': ec(Uint8Array.of(0)),
  'hybrid EC point': ec(join(Uint8Array.of(6 + ((y.at(-1) ?? 0) & 1)), x, y)),
  'EC point one octet short': ec(good.subarray(0, 64)),
  'EC point of another curve': ec(good, der.oid('1.3.132.0.34')),
  'EC point of zeros': ec(join(Uint8Array.of(4), new Uint8Array(64))),
  'Ed25519 of 31 octets': bare('1.3.101.112', new Uint8Array(31).fill(1)),
  'Ed25519 of 33 octets': bare('1.3.101.112', new Uint8Array(33).fill(1)),
  'Ed25519 y of p': bare('1.3.101.112', little((1n << 255n) - 19n, 32)),
  'Ed25519 y without x': bare('1.3.101.112', little(2n, 32)),
  'Ed25519 x of zero with a sign': bare('1.3.101.112', little(1n | (1n << 255n), 32)),
  'Ed448 of 56 octets': bare('1.3.101.113', new Uint8Array(56).fill(1)),
  'Ed448 y of p': bare('1.3.101.113', little(ed448Prime, 57)),
  'X25519 of 31 octets': bare('1.3.101.110', new Uint8Array(31).fill(9)),
  'X448 of 57 octets': bare('1.3.101.111', new Uint8Array(57).fill(5)),
  'X25519 with parameters': spki(named('1.3.101.110', der.nullValue()), new Uint8Array(32).fill(9)),
  'ML-DSA-44 one octet short': bare('2.16.840.1.101.3.4.3.17', new Uint8Array(1311)),
  'ML-DSA-65 of the size of ML-DSA-87': bare('2.16.840.1.101.3.4.3.18', new Uint8Array(2592)),
  'SLH-DSA-SHA2-128s of 31 octets': bare('2.16.840.1.101.3.4.3.20', new Uint8Array(31)),
  'ML-KEM-768 one octet long': bare('2.16.840.1.101.3.4.4.2', new Uint8Array(1185)),
  'ML-KEM-512 with a coefficient of q': bare('2.16.840.1.101.3.4.4.1', new Uint8Array(800).fill(0xff)),
  'even RSA modulus': rsa(big + 1n, 65_537n),
  'RSA exponent 1': rsa(big, 1n),
  'even RSA exponent': rsa(big, 65_536n),
  'negative RSA modulus': rsa(-big, 65_537n),
  'RSA modulus of zero': rsa(0n, 65_537n),
  'RSA exponent that exceeds the modulus': rsa(15n, 65_537n),
  'octets behind an RSA key': spki(
    named('1.2.840.113549.1.1.1', der.nullValue()),
    join(der.sequence(der.integer(big), der.integer(65_537)), Uint8Array.of(0)),
  ),
  'DSA y of 1': dsa(key => ({ ...key, y: 1n })),
  'DSA y of p': dsa(key => ({ ...key, y: key.p })),
  'DSA g of 1': dsa(key => ({ ...key, g: 1n })),
  'DSA q that divides nothing': dsa(key => ({ ...key, q: key.q + 2n })),
}

interface Dsa {
  readonly p: bigint
  readonly q: bigint
  readonly g: bigint
  readonly y: bigint
}

function dsa(change: (key: Dsa) => Dsa): Uint8Array {
  const raw = dsaKeys.publicKey.export({ format: 'der', type: 'spki' })
  const numbers = integersOf(raw)
  const [p, q, g, own] = numbers as [bigint, bigint, bigint, bigint]
  const key = change({ p, q, g, y: own })
  const parameters = der.sequence(der.integer(key.p), der.integer(key.q), der.integer(key.g))
  return spki(named('1.2.840.10040.4.1', parameters), der.integer(key.y))
}

/** The INTEGERs of a DSA key, in order; enough of a reader for what the runtime wrote. */
function integersOf(bytes: Uint8Array): bigint[] {
  const found: bigint[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number
    let length = bytes[at + 1] as number
    let start = at + 2
    if (length > 0x80) {
      const octetsOfLength = length & 0x7f
      length = Number(BigInt(`0x${Buffer.from(bytes.subarray(start, start + octetsOfLength)).toString('hex')}`))
      start += octetsOfLength
    }
    if (tag === 0x02) found.push(BigInt(`0x${Buffer.from(bytes.subarray(start, start + length)).toString('hex')}`))
    if (tag === 0x30) at = start
    else if (tag === 0x03) at = start + 1
    else at = start + length
  }
  return found
}

function explicitP256(): Uint8Array {
  const { p, a, b, gx, gy, n } = ec256
  return der.sequence(
    der.integer(1),
    der.sequence(der.oid('1.2.840.10045.1.1'), der.integer(octets(p))),
    der.sequence(der.octetString(octets(a)), der.octetString(octets(b))),
    der.octetString(octets(`04${gx}${gy}`)),
    der.integer(octets(n)),
    der.integer(1),
  )
}

/** An x that the runtime finds no point for. */
function xWithoutPoint(): Uint8Array {
  for (let last = 1; last < 64; last++) {
    const candidate = Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? last : 7))
    try {
      createPublicKey({ key: Buffer.from(ec(join(Uint8Array.of(2), candidate))), format: 'der', type: 'spki' })
    } catch {
      return candidate
    }
  }
  return assert.fail('no x without a point')
}

describe('a subject key that is no key', () => {
  for (const [what, key] of Object.entries(noKeys)) {
    test(`${what} is key_malformed`, () => {
      assert.throws(
        () => readPublicKey(key),
        error => isPkiError(error, 'key_malformed'),
      )
    })
  }

  test('is refused under every profile, as target, intermediate and anchor, though nothing is verified under it', () => {
    const root = T.createRoot('C=UT, CN=Root')
    const noKey = { spki: noKeys['EC point off the curve'] as Uint8Array } as T.TestKey
    const issue = { key: noKey, extra: [], extensions: [T.basicConstraints({ ca: true }), T.keyUsage(['keyCertSign'])] }
    const leaf = root.issue('C=UT, CN=Leaf', { ...issue, extensions: [T.keyUsage(['digitalSignature'])] })
    const ca = root.subordinate('C=UT, CN=CA', issue)
    const below = new T.MockAuthority(ca.name, T.testKey('p256', 'below'), ca.certificate).issue('C=UT, CN=Below')
    const places = {
      target: { target: leaf.der, intermediates: [], anchors: [root.der] },
      intermediate: { target: below.der, intermediates: [ca.der], anchors: [root.der] },
      anchor: { target: below.der, intermediates: [], anchors: [ca.der] },
      'anchor of a name and a key': {
        target: below.der,
        intermediates: [],
        anchors: [{ name: T.name('C=UT, CN=CA'), publicKey: noKey.spki }],
      },
    }
    for (const profile of Object.values(profiles)) {
      for (const [place, input] of Object.entries(places)) {
        const { valid, findings, work } = validateCertificate({ ...input, profile: profile.name, time: T.testTime })
        const what = `${place} under ${profile.name}`
        assert.equal(valid, false, what)
        assert.ok(
          findings.some(({ code }) => code === 'key_malformed'),
          `${what}: ${findings.map(({ code }) => code)}`,
        )
        assert.equal(work.signatureChecks, 0, what)
      }
    }
  })
})

describe('what is a key', () => {
  test('every curve: uncompressed, compressed, spelt out', () => {
    for (const { runtimeName, domain, name } of namedCurves) {
      for (let count = 0; count < 4; count++) {
        const { publicKey } = generateKeyPairSync('ec', { namedCurve: runtimeName })
        const full = publicKey.export({ format: 'der', type: 'spki' })
        assert.equal(readPublicKey(full).type, 'ec', name)
        const point = T.publicKeyBits(full)
        const size = (point.length - 1) / 2
        const form = 2 + ((point.at(-1) ?? 0) & 1)
        const curve = der.oid(namedCurves.find(row => row.name === name)?.oid ?? '')
        assert.equal(readPublicKey(ec(join(Uint8Array.of(form), point.subarray(1, 1 + size)), curve)).type, 'ec', name)
      }
      if (domain !== undefined) {
        const { publicKey } = generateKeyPairSync('ec', { namedCurve: runtimeName, paramEncoding: 'explicit' })
        assert.equal(readPublicKey(publicKey.export({ format: 'der', type: 'spki' })).type, 'ec', name)
      }
    }
  })

  test('the keys that the runtime makes of every other kind', () => {
    const pairs = [
      ...Array.from({ length: 8 }, () => generateKeyPairSync('ed25519')),
      ...Array.from({ length: 8 }, () => generateKeyPairSync('ed448')),
      generateKeyPairSync('x25519'),
      generateKeyPairSync('x448'),
      generateKeyPairSync('ml-kem-512'),
      generateKeyPairSync('ml-kem-768'),
      generateKeyPairSync('ml-kem-1024'),
      generateKeyPairSync('ml-dsa-44'),
      dsaKeys,
    ]
    for (const { publicKey } of pairs) {
      const kind = publicKey.asymmetricKeyType
      assert.doesNotThrow(() => readPublicKey(publicKey.export({ format: 'der', type: 'spki' })), `${kind}`)
    }
    // RFC 7748 §5: any octets of the right number are an X25519 key, the first bit and values beyond p too.
    assert.equal(readPublicKey(bare('1.3.101.110', new Uint8Array(32).fill(0xff))).type, 'unknown')
  })

  test('a key that signs nothing is for targets of rfc5280 alone', () => {
    const root = T.createRoot('C=UT, CN=Root')
    const key = { spki: bare('1.3.101.110', new Uint8Array(32).fill(9)) } as T.TestKey
    const leaf = root.issue('C=UT, CN=Leaf', { key, extensions: [T.keyUsage(['keyAgreement'])] })
    const input = { target: leaf.der, anchors: [root.der], time: T.testTime }
    assert.equal(validateCertificate({ ...input, profile: 'rfc5280' }).valid, true)
    const { findings } = validateCertificate({ ...input, profile: 'webpki' })
    assert.ok(findings.some(({ code }) => code === 'key_forbidden'))
  })
})
