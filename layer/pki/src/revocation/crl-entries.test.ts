import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as der from '../der/writer.ts'
import {
  createRoot,
  crlNumber,
  issueCrl,
  name,
  reasonCode,
  signed,
  signingAlgorithms,
  testDay,
} from '../testing/index.ts'
import { parseName } from '../x509/name.ts'
import { parseCrl } from './crl.ts'

const root = createRoot('C=UT, CN=Entries Root')
const issuer = parseName(name(root.name))

/** A CRL around revokedCertificates that are already encoded. */
function crlAround(entries: Uint8Array): ReturnType<typeof parseCrl> {
  const { identifier } = signingAlgorithms['ecdsa-sha256']
  const times = [der.time(testDay(-1)), der.time(testDay(7))]
  const tbs = der.sequence(der.integer(1), identifier, name(root.name), ...times, der.sequence(entries))
  return parseCrl(signed(tbs, root.key))
}

test('a search finds exactly what is listed, before and after it builds its index', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 40 }),
      fc.array(bytes, { maxLength: 20 }),
      (listed, others) => {
        const content = (serial: Uint8Array) => der.integer(serial).subarray(2)
        const key = (serial: Uint8Array) => Buffer.from(content(serial)).toString('hex')
        const crl = crlAround(
          der.concatBytes(listed.map(serial => der.sequence(der.integer(serial), der.time(testDay(-2))))),
        )
        const expected = new Set(listed.map(key))
        for (let round = 0; round < 2; round++) {
          for (const serial of [...listed, ...others]) {
            const found = crl.entries?.find(content(serial), issuer)
            assert.equal(found !== undefined, expected.has(key(serial)))
            if (found !== undefined) assert.equal(Buffer.from(found.serialNumber).toString('hex'), key(serial))
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('serial numbers that end alike, are very short or very long are not confused', () => {
  const endings = [[], [7], [1, 7], [9, 1, 7], [1, 2, 3]]
  const serials = endings.flatMap(ending =>
    [1, 2, 3, 4, 8, 20, 31, 32, 40].flatMap(length =>
      [1, 2].map(first => Uint8Array.from([first, ...new Array(length).fill(5), ...ending])),
    ),
  )
  const crl = crlAround(
    der.concatBytes(serials.map(serial => der.sequence(der.integer(serial), der.time(testDay(-2))))),
  )
  for (let round = 0; round < 2; round++) {
    for (const serial of serials) {
      assert.deepEqual(crl.entries?.find(serial, issuer)?.serialNumber, serial)
      assert.equal(crl.entries?.find(Uint8Array.from([3, ...serial.subarray(1)]), issuer), undefined)
    }
  }
})

test('a list of 100,000 entries with reasons and dates', () => {
  const reason = der.sequence(reasonCode('superseded'))
  const date = der.time(testDay(-3))
  const entry = (serial: number) => der.sequence(der.integer(serial), date, reason)
  const count = 100_000
  const crl = crlAround(der.concatBytes(Array.from({ length: count }, (_, index) => entry(index * 7 + 1))))
  assert.equal(crl.entries?.count, count)
  for (let index = 0; index < 200; index++) {
    const serial = der.integer(index * 3001 * 7 + 1).subarray(2)
    assert.equal(crl.entries?.find(serial, issuer)?.reason, index * 3001 < count ? 'superseded' : undefined)
    assert.equal(crl.entries?.find(der.integer(index * 7 + 2).subarray(2), issuer), undefined)
  }
})

test('the first of several entries for one serial number counts', () => {
  const crl = parseCrl(
    root.crl({
      entries: [
        { serial: 9, extensions: [reasonCode('keyCompromise')] },
        { serial: 9, extensions: [reasonCode('superseded')] },
      ],
    }),
  )
  for (let round = 0; round < 20; round++) {
    assert.equal(crl.entries?.find(Uint8Array.of(9), issuer)?.reason, 'keyCompromise')
  }
})

test('all entries in order', () => {
  const entries = [{ serial: 3 }, { serial: 1, extensions: [reasonCode('certificateHold')] }]
  const crl = parseCrl(root.crl({ entries }))
  assert.deepEqual(
    [...(crl.entries ?? [])].map(({ serialNumber, reason }) => [serialNumber[0], reason]),
    [
      [3, 'unspecified'],
      [1, 'certificateHold'],
    ],
  )
})

test('an entry that is not well formed is an error, wherever it stands', () => {
  const date = der.time(testDay(-2))
  const fine = der.sequence(der.integer(1), date)
  const broken: [string, Uint8Array][] = [
    ['no sequence', der.integer(5)],
    ['no serial number', der.sequence(date)],
    ['serial number not minimal', der.sequence(Uint8Array.of(2, 2, 0, 1), date)],
    ['negative serial number not minimal', der.sequence(Uint8Array.of(2, 2, 0xff, 0x81), date)],
    ['empty serial number', der.sequence(Uint8Array.of(2, 0), date)],
    ['no date', der.sequence(der.integer(1))],
    ['month 13', der.sequence(der.integer(1), Buffer.from('170d3236313330313132303030305a', 'hex'))],
    ['30 February', der.sequence(der.integer(1), Buffer.from('170d3236303233303132303030305a', 'hex'))],
    ['local time', der.sequence(der.integer(1), Buffer.from('170d32363032303131323030303030', 'hex'))],
    ['empty extensions', der.sequence(der.integer(1), date, der.sequence())],
    ['something after the date', der.sequence(der.integer(1), date, der.nullValue())],
    ['reason 7', der.sequence(der.integer(1), date, der.sequence(reasonCode(7)))],
    ['reason 11', der.sequence(der.integer(1), date, der.sequence(reasonCode(11)))],
    ['truncated', fine.subarray(0, fine.length - 1)],
  ]
  for (const [what, entry] of broken) {
    for (const entries of [[entry], [fine, entry]]) {
      assert.throws(() => void crlAround(der.concatBytes(entries)).entries, { code: 'crl_malformed' }, what)
    }
  }
  const leapDay = der.sequence(der.integer(1), Buffer.from('170d3234303232393132303030305a', 'hex'))
  assert.equal(crlAround(leapDay).entries?.count, 1)
})

test('the list’s own fields', () => {
  const crl = parseCrl(root.crl({ extensions: [crlNumber(2n ** 70n)] }))
  assert.equal(crl.crlNumber, 2n ** 70n)
  assert.equal(crl.version, 2)
  assert.equal(crl.thisUpdate, testDay(-1).getTime())
  assert.equal(crl.nextUpdate, testDay(7).getTime())
  assert.equal(crl.entries, undefined)
  assert.equal(parseCrl(root.crl({ version: 1 })).version, 1)
  const template = { issuer: root.name, signer: root.key }
  const refused: [string, Uint8Array][] = [
    ['version 3', issueCrl({ ...template, version: 3 })],
    ['version 1 with extensions', issueCrl({ ...template, version: 1, extensions: [crlNumber(1)] })],
    ['negative number', issueCrl({ ...template, extensions: [crlNumber(-1)] })],
    ['empty issuer', issueCrl({ ...template, issuer: '' })],
    ['extension twice', issueCrl({ ...template, extensions: [crlNumber(1), crlNumber(1)] })],
    ['trailing data', der.concatBytes([issueCrl(template), Uint8Array.of(0)])],
    ['nothing', new Uint8Array(0)],
  ]
  for (const [what, bytes] of refused) assert.throws(() => parseCrl(bytes), { code: 'crl_malformed' }, what)
})
