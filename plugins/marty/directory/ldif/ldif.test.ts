import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { LdifItem, LdifRecord, LdifRefusal } from './ldif-item.ts'
import { createLdifReader, type LdifReaderOptions } from './ldif-reader.ts'
import { ldifVersion, writeLdifRecord } from './write-ldif.ts'

function readAll(text: string | Uint8Array, options: LdifReaderOptions & { chunk?: number } = {}): LdifItem[] {
  const bytes = Buffer.from(text)
  const { chunk = bytes.length, ...rest } = options
  const reader = createLdifReader(rest)
  const items: LdifItem[] = []
  for (let at = 0; at < bytes.length; at += chunk) items.push(...reader.push(bytes.subarray(at, at + chunk)))
  items.push(...reader.end())
  return items
}

const record = (item: LdifItem | undefined): LdifRecord => {
  assert.equal(item?.kind, 'record', item?.kind === 'refused' ? item.message : '')
  return item as LdifRecord
}
const refusal = (item: LdifItem | undefined): LdifRefusal => {
  assert.equal(item?.kind, 'refused')
  return item as LdifRefusal
}
const values = (item: LdifItem | undefined) =>
  record(item).attributes.map(({ name, options, value }) => [
    [name, ...options].join(';'),
    Buffer.from(value).toString('latin1'),
  ])

describe('RFC 2849', () => {
  test('version, names, text, base64, options, empty values, comments and folded lines', () => {
    const text = [
      '# a comment',
      '  that is folded',
      'version: 1',
      '',
      'dn: cn=Barbara J Jensen,',
      ' ou=Product Development',
      '# between attributes',
      'ObjectClass:top',
      'cn:: QmFyYmFyYQ==',
      'userCertificate;BINARY:: MAA',
      ' =',
      'description:',
      'title:   three spaces of filling',
      '',
      '',
      'dn:: Y249QmrDtnJu',
      'changetype: add',
      'sn: Last',
    ].join('\n')

    const items = readAll(text)

    assert.equal(items.length, 2)
    assert.equal(record(items[0]).dn, 'cn=Barbara J Jensen,ou=Product Development')
    assert.deepEqual(values(items[0]), [
      ['objectclass', 'top'],
      ['cn', 'Barbara'],
      ['usercertificate;binary', '0\0'],
      ['description', ''],
      ['title', 'three spaces of filling'],
    ])
    assert.equal(record(items[1]).dn, 'cn=Björn')
    assert.deepEqual(values(items[1]), [['sn', 'Last']])
    assert.deepEqual(
      items.map(({ line, nextLine }) => [line, nextLine]),
      [
        [5, 15],
        [16, 18],
      ],
    )
  })

  test('lines may end with CR LF', () => {
    const items = readAll('version: 1\r\ndn: cn=a\r\ncn: a\r\n\r\ndn: cn=b\r\ncn: b\r\n')
    assert.deepEqual(items.map(values), [[['cn', 'a']], [['cn', 'b']]])
  })

  test('a byte order mark before the file is passed over, and only there', () => {
    const mark = '\ufeff'
    for (const text of [
      'version: 1\n\ndn: cn=a\ncn: a\n',
      'dn: cn=a\ncn: a\n',
      '# comment\ndn: cn=a\ncn: a\n',
      '\ndn: cn=a\ncn: a\n',
      '\r\ndn: cn=a\r\ncn: a\r\n',
    ]) {
      const whole = readAll(mark + text)
      assert.deepEqual(whole.map(values), [[['cn', 'a']]], text)
      assert.equal(whole[0]?.end, Buffer.byteLength(mark + text))
      for (const chunk of [1, 2, 4]) {
        const pieces = readAll(mark + text, { chunk })
        assert.deepEqual(pieces.map(values), [[['cn', 'a']]], text)
        assert.deepEqual([pieces[0]?.start, pieces[0]?.end], [whole[0]?.start, whole[0]?.end])
      }
    }
    assert.equal(refusal(readAll(`dn: cn=a\ncn: a\n\n${mark}dn: cn=b\ncn: b\n`)[1]).code, 'ldif_syntax')
    assert.equal(refusal(readAll(`${mark}${mark}dn: cn=a\ncn: a\n`)[0]).code, 'ldif_syntax')
  })

  const refused: readonly [string, string, string, number][] = [
    ['base64 of the wrong length', 'dn: cn=a\ncn:: YWJj=\n', 'ldif_base64', 2],
    ['base64 with other characters', 'dn: cn=a\ncn:: YW-j\n', 'ldif_base64', 2],
    ['base64 that is not canonical', 'dn: cn=a\ncn:: YQ==\nsn:: YR==\n', 'ldif_base64', 3],
    ['no dn', 'cn: a\nsn: b\n', 'ldif_syntax', 1],
    ['two records without an empty line', 'dn: cn=a\ncn: a\ndn: cn=b\ncn: b\n', 'ldif_syntax', 3],
    ['a record of a name alone', 'dn: cn=a\n', 'ldif_syntax', 1],
    ['a line without colon', 'dn: cn=a\nnonsense\n', 'ldif_syntax', 2],
    ['a folded line that continues nothing', ' dn: cn=a\ncn: a\n', 'ldif_syntax', 1],
    ['a URL', 'dn: cn=a\njpegphoto:< file:///etc/passwd\n', 'ldif_url_refused', 2],
    ['a deletion', 'dn: cn=a\nchangetype: delete\n', 'ldif_change_refused', 2],
    ['a modification', 'dn: cn=a\nchangetype: modify\nadd: cn\ncn: a\n-\n', 'ldif_change_refused', 2],
    ['a control', 'dn: cn=a\ncontrol: 1.2.3 true\nchangetype: add\ncn: a\n', 'ldif_change_refused', 2],
    ['a value beyond ASCII', 'dn: cn=a\ncn: Björn\n', 'ldif_not_ascii', 2],
    ['a zero octet', 'dn: cn=a\ncn: a\0b\n', 'ldif_not_ascii', 2],
    ['a name that is not UTF-8', 'dn:: /w==\ncn: a\n', 'ldif_not_utf8', 1],
    ['another version', 'version: 2\n\ndn: cn=a\ncn: a\n', 'ldif_version_unsupported', 1],
  ]
  for (const [what, text, code, line] of refused) {
    test(`${what} is refused with its line, and reading goes on`, () => {
      const items = readAll(`${text}\ndn: cn=next\ncn: next\n`)
      const found = refusal(items[0])
      assert.deepEqual([found.code, found.at], [code, line])
      assert.match(Buffer.from(found.raw()).toString(), new RegExp(text.split('\n')[0] as string))
      assert.equal(record(items.at(-1)).dn, 'cn=next')
    })
  }

  test('a version in the middle is no version', () => {
    assert.equal(refusal(readAll('dn: cn=a\ncn: a\n\nversion: 1\n')[1]).code, 'ldif_syntax')
  })
})

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

describe('limits', () => {
  test('a record that is too large is refused without being kept; its neighbours are read', () => {
    const large = `dn: cn=large\ncn: ${'x'.repeat(5000)}\n more\n\n`
    const long = `dn: cn=long\n${Array.from({ length: 500 }, (_, i) => `cn: ${i} of many\n`).join('')}\n`
    const text = `dn: cn=a\ncn: a\n\n${large}${long}# ${'c'.repeat(5000)}\ndn: cn=b\ncn: b\n`
    for (const chunk of [1, 7, 1000, 100_000]) {
      const items = readAll(text, { recordBytes: 1000, chunk })
      assert.deepEqual(
        items.map(item => (item.kind === 'refused' ? item.code : item.dn)),
        ['cn=a', 'ldif_record_too_large', 'ldif_record_too_large', 'cn=b'],
      )
      assert.ok(items.every(item => item.raw().length <= 1100))
    }
  })

  test('a line that never ends is not kept', async () => {
    const reader = createLdifReader({ recordBytes: 64 * 1024 })
    const chunk = Buffer.alloc(1024 * 1024, 'A')
    const maxHeld = 10 * 1024 * 1024
    reader.push(Buffer.from('dn: cn=a\ncn:: '))
    const held = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = held()
    for (let i = 0; i < 200; i++) assert.equal(reader.push(Buffer.from(chunk)).length, 0)
    let grown = held() - before
    // The runtime gives buffers back on another thread, some moments after the collection.
    for (let round = 0; round < 100 && grown >= maxHeld; round += 1) {
      await setTimeout(20)
      grown = held() - before
    }
    assert.equal(refusal(reader.end()[0]).code, 'ldif_record_too_large')
    assert.ok(grown < maxHeld, `${grown} bytes of 200 MiB are still held`)
  })
})

const attribute = fc.tuple(
  fc.constantFrom('cn', 'sn', 'objectClass', 'userCertificate;binary', '2.5.4.3'),
  fc.oneof(
    fc.string({ unit: 'binary' }).filter(text => text.isWellFormed()),
    fc.uint8Array({ maxLength: 200 }),
  ),
)
const entries = fc.array(
  fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.array(attribute, { minLength: 1, maxLength: 6 })),
  { maxLength: 6 },
)
const bytesOf = (value: string | Uint8Array) => Buffer.from(value).toString('hex')

test('what is written is read back, whatever it is and however it is cut', () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 300 }), (written, chunk) => {
      const text = ldifVersion + written.map(([dn, attributes]) => writeLdifRecord(dn, attributes)).join('')
      assert.ok(text.split('\n').every(line => line.length <= 76))
      const items = readAll(text, { chunk })
      assert.deepEqual(
        items.map(item => {
          const { dn, attributes } = record(item)
          return [dn, attributes.map(({ name, options, value }) => [[name, ...options].join(';'), bytesOf(value)])]
        }),
        written.map(([dn, attributes]) => [dn, attributes.map(([name, v]) => [name.toLowerCase(), bytesOf(v)])]),
      )
    }),
    { numRuns: 200 },
  )
})

/** Plausible pieces in any order: most of what comes out is nearly LDIF. */
const pieces = fc.constantFrom(
  'dn: cn=a', 'dn:: Y249YQ==', 'cn: a', 'cn:: YQ==', ' folded', '# comment', '', '\r', 'version: 1', 'changetype: add',
  'changetype: delete', 'control: 1.2', 'x:< file:///x', ':', '::', 'dn', 'dn:', 'cn:: =', '\0', 'é', 'a'.repeat(100),
) // biome-ignore format: one line of pieces
const nearly = fc
  .array(fc.tuple(pieces, fc.constantFrom('\n', '\n', '\n', '\r\n', '', '\n\n')))
  .map(parts => Buffer.from(parts.flat().join('')))
const hostile = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes)),
)
const outline = (item: LdifItem) => ({ ...item, raw: Buffer.from(item.raw()).toString('latin1') })

test('hostile input never throws; cutting it and going on from any item change nothing', () => {
  fc.assert(
    fc.property(
      hostile,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 20, max: 200 }),
      (bytes, chunk, recordBytes) => {
        const whole = readAll(bytes, { recordBytes }).map(outline)
        assert.deepEqual(readAll(bytes, { recordBytes, chunk }).map(outline), whole)
        let end = 0
        for (const [index, item] of whole.entries()) {
          assert.ok(item.start >= end && item.end > item.start && item.end <= bytes.length)
          assert.equal(bytes.subarray(0, item.end).filter(byte => byte === 0x0a).length + 1 - item.nextLine, 0)
          const resumed = readAll(bytes.subarray(item.end), {
            recordBytes,
            chunk,
            offset: item.end,
            line: item.nextLine,
          })
          assert.deepEqual(resumed.map(outline), whole.slice(index + 1))
          end = item.end
        }
      },
    ),
    { numRuns: 300 },
  )
})
