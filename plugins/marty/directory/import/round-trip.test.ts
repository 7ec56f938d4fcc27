import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRoot } from '../../../../layer/pki/src/testing/index.ts'
import { icaoBase } from '../entries/layout.ts'
import { type EntryToWrite, ldifOf } from '../entries/write-entry.ts'
import type { CscaSource } from '../entry/conformance.ts'
import { createLdifReader } from '../ldif/ldif-reader.ts'
import { judgeItem } from './plan-batch.ts'

const root = createRoot('C=UT, O=Utopia, CN=CSCA')
const certificates = Array.from({ length: 6 }, (_, i) => root.issue(`C=UT, CN=DSC ${i}`).der)
const crls = Array.from({ length: 3 }, (_, i) => root.crl({ entries: [{ serial: i + 1 }] }))

const cscas: CscaSource = { above: async () => ({ anchors: [], links: [] }) }
const about = { importId: 'job', source: 'test', principal: 'tester', now: '2026-06-15T12:00:00.000Z' }

/** What the directory holds after an import of this LDIF. */
async function rowsOf(ldif: string) {
  const reader = createLdifReader()
  const items = [...reader.push(Buffer.from(ldif)), ...reader.end()]
  const judged = await Promise.all(items.map(item => judgeItem(item, cscas, about)))
  return judged.map(one => {
    assert.ok('candidate' in one, 'refused' in one ? one.refused.message : 'skipped')
    return one.candidate
  })
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(value => value.isWellFormed())
const said = fc.record({ pkdVersion: text, pkdConformanceCode: text, pkdConformanceText: text }, { requiredKeys: [] })
const escaped = (value: string) =>
  Array.from(Buffer.from(value), byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')
const dn = fc.option(
  text.map(cn => `cn=${escaped(cn)}+sn=1,o=dsc,c=UT,dc=data,${icaoBase}`),
  { nil: undefined },
)
const entry = fc.tuple(fc.constantFrom(...certificates, ...crls), said, dn, fc.constantFrom('001', '003'))

test('import(export(x)) = x, whatever the entries say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async entries => {
      const written = entries.map(([content, words, name, collection]): EntryToWrite => {
        const branch = collection === '001' ? 'data' : 'nc-data'
        const kind = crls.includes(content) ? 'crl' : 'certificate'
        return { kind, content, ...words, dn: name?.replace('dc=data', `dc=${branch}`), country: 'UT', collection }
      })
      const first = await rowsOf(ldifOf(written))
      assert.deepEqual(
        first.map(({ row }) => [row.collection, row.pkdVersion, row.pkdConformanceCode, row.pkdConformanceText]),
        entries.map(([, words, , collection]) => [
          collection,
          words.pkdVersion,
          words.pkdConformanceCode,
          words.pkdConformanceText,
        ]),
      )
      const exported = first.map(candidate => {
        const content = candidate.kind === 'certificate' ? candidate.row.certificate : candidate.content
        return { ...candidate.row, kind: candidate.kind, content }
      })
      assert.deepEqual(await rowsOf(ldifOf(exported)), first)
    }),
    { numRuns: 60 },
  )
})
