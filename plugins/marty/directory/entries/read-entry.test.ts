import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLdifReader } from '../ldif/ldif-reader.ts'
import { readEntry } from './read-entry.ts'

function entryOf(lines: readonly string[]) {
  const reader = createLdifReader()
  const [item] = [...reader.push(Buffer.from(`${lines.join('\n')}\n`)), ...reader.end()]
  assert.equal(item?.kind, 'record')
  return readEntry(item)
}

const content = Buffer.from('3000', 'hex').toString('base64')

describe('a master list in the layout that the ICAO PKD had before', () => {
  for (const [what, dn] of [
    ['in the old tree', 'cn=CSCA Utopia,o=ml,c=UT,dc=CSCAMasterList,dc=pkdDownload'],
    ['in the tree of today', 'cn=CSCA Utopia,o=ml,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int'],
  ] as const) {
    test(`with its object class and attribute, ${what}`, () => {
      const entry = entryOf([
        `dn: ${dn}`,
        'objectClass: top',
        'objectClass: CscaMasterList',
        `CscaMasterListData:: ${content}`,
      ])
      assert.deepEqual([entry?.kind, entry?.branch, entry?.country, entry?.dn], ['masterList', 'data', 'UT', dn])
    })
  }

  test('what is no branch of the old tree is outside the directory', () => {
    assert.throws(
      () =>
        entryOf([
          'dn: cn=x,c=UT,dc=other,dc=pkdDownload',
          'objectClass: CscaMasterList',
          `CscaMasterListData:: ${content}`,
        ]),
      { code: 'dn_outside_directory' },
    )
  })
})
