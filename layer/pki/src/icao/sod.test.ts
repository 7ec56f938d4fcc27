import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { buildLdsSecurityObject } from './build.ts'
import { parseLdsSecurityObject } from './lds-security-object.ts'
import { passiveAuthentication } from './passive-authentication.ts'
import { parseSod } from './sod.ts'

const dataGroup1 = { number: 1, content: new TextEncoder().encode('a name') }
const dataGroup2 = { number: 2, content: new TextEncoder().encode('a face') }

/** An EF.SOD around a SignedData whose fields are given; the signer infos are empty where only parsing is asked for. */
function rawSod(change: {
  version?: number
  contentType?: string
  content?: Uint8Array
  outer?: string
  tag?: number
}): Uint8Array {
  const content = change.content ?? buildLdsSecurityObject({ hash: 'sha256', dataGroups: [dataGroup1, dataGroup2] })
  const encapsulated = der.sequence(
    der.oid(change.contentType ?? oids.ldsSecurityObject),
    der.explicit(0, der.octetString(content)),
  )
  const signedData = der.sequence(der.integer(change.version ?? 3), der.set(), encapsulated, der.set())
  return der.tlv(
    change.tag ?? 0x77,
    der.sequence(der.oid(change.outer ?? oids.signedData), der.explicit(0, signedData)),
  )
}

test('what is no EF.SOD is refused with a reason', () => {
  assert.equal(parseSod(rawSod({})).securityObject.version, 0)
  const hashes = (...pairs: [number, number][]) =>
    der.sequence(
      ...pairs.map(([number, size]) => der.sequence(der.integer(number), der.octetString(new Uint8Array(size)))),
    )
  const lds = (version: number, list: Uint8Array, oid = '2.16.840.1.101.3.4.2.1', ...rest: Uint8Array[]) =>
    der.sequence(der.integer(version), der.sequence(der.oid(oid)), list, ...rest)
  const two = hashes([1, 32], [2, 32])
  const info = der.sequence(der.printableString('0107'), der.printableString('040000'))
  assert.equal(parseLdsSecurityObject(lds(1, two, undefined, info)).ldsVersion, '0107')
  const refused: [string, Uint8Array, string][] = [
    ['tag', rawSod({ tag: 0x30 }), 'sod_malformed'],
    ['trailing byte', der.concatBytes([rawSod({}), Uint8Array.of(0)]), 'sod_malformed'],
    [
      'trailing byte inside',
      der.tlv(0x77, der.concatBytes([rawSod({}).subarray(4), der.nullValue()])),
      'sod_malformed',
    ],
    ['enveloped data', rawSod({ outer: '1.2.840.113549.1.7.3' }), 'cms_unsupported'],
    ...[0, 1, 2, 4, 5].map((version): [string, Uint8Array, string] => [
      `v${version}`,
      rawSod({ version }),
      'sod_malformed',
    ]),
    ['id-data', rawSod({ contentType: oids.data }), 'sod_malformed'],
    ['another type', rawSod({ contentType: '1.2.840.113549.1.7.5' }), 'sod_malformed'],
    ['LDS version 2', rawSod({ content: lds(2, two) }), 'sod_malformed'],
    ['LDS version -1', rawSod({ content: lds(-1, two) }), 'sod_malformed'],
    ['version info in version 0', rawSod({ content: lds(0, two, undefined, info) }), 'sod_malformed'],
    ['one data group', rawSod({ content: lds(0, hashes([1, 32])) }), 'sod_malformed'],
    ['data group 17', rawSod({ content: lds(0, hashes([1, 32], [17, 32])) }), 'sod_malformed'],
    ['data group 0', rawSod({ content: lds(0, hashes([0, 32], [1, 32])) }), 'sod_malformed'],
    ['a data group twice', rawSod({ content: lds(0, hashes([1, 32], [1, 32])) }), 'sod_malformed'],
    ['a short hash', rawSod({ content: lds(0, hashes([1, 32], [2, 20])) }), 'sod_malformed'],
    ['an unknown hash', rawSod({ content: lds(0, two, '1.2.3') }), 'algorithm_unavailable'],
    [
      'trailing data in the object',
      rawSod({ content: der.concatBytes([lds(0, two), der.nullValue()]) }),
      'sod_malformed',
    ],
  ]
  for (const [what, bytes, code] of refused) {
    assert.throws(() => parseSod(bytes), { code }, what)
    const { valid, findings } = passiveAuthentication({ sod: bytes, dataGroups: [dataGroup1], anchors: [] })
    assert.deepEqual([valid, findings[0]?.code], [false, 'sod_malformed'], what)
  }
})

test('another content type is refused, whatever is allowed', () => {
  assert.throws(() => parseSod(rawSod({ contentType: oids.data }), { allowDataContentType: false }), {
    code: 'sod_malformed',
  })
  assert.throws(() => parseSod(rawSod({ contentType: '1.2.840.113549.1.7.5' }), { allowDataContentType: true }), {
    code: 'sod_malformed',
  })
})
