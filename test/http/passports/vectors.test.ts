import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { indexByName, openData, readJson } from '../../conformance/archive.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

interface Vector {
  readonly id: string
  readonly file: string
  readonly expected: 'ok' | 'error'
  readonly strictMode: boolean | null
  readonly verifiesSignature: boolean
  readonly dataGroups: readonly { readonly dg: string; readonly hex: string; readonly contained: boolean }[]
}

const data = process.env['CONFORMANCE_DATA']
const skip = data === undefined ? 'CONFORMANCE_DATA names no folder with SOD vectors' : false

let marty: TestPlatform
before(async () => {
  if (!skip) marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty?.stop())

test('the vectors of others get over HTTP what they expect', { skip }, async t => {
  const files = indexByName(openData(data ?? ''))
  const index = files.get('sod-vectors.json')
  assert.ok(index !== undefined, 'there is a sod-vectors.json')
  const { vectors } = readJson(index) as { vectors: readonly Vector[] }
  assert.ok(vectors.length > 0)
  const token = marty.token({ subject: 'inspector', roles: [], permissions: [] })
  const outcomes = new Map<string, number>()
  for (const { id, file, expected, strictMode, verifiesSignature, dataGroups } of vectors) {
    const sod = Buffer.from(files.get(file)?.read() ?? []).toString('base64')
    const groups = dataGroups.map(({ dg, hex }) => ({
      number: Number(dg.replace('DG', '')),
      content: Buffer.from(hex, 'hex').toString('base64'),
    }))
    const body = {
      sod,
      dataGroups: groups.length === 0 ? [{ number: 1, content: 'AAAA' }] : groups,
      ...(strictMode === false ? { compatibilities: ['sod-content-type-data'] } : {}),
    }
    const answer = await marty.request('POST', '/v1/documents/passive-authentication', { token, body })
    const { json, status, text } = answer
    const outcome = status === 200 ? 'judged' : String(json.code)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    const found = status === 200 ? json.findings.map(({ code }: { code: string }) => code) : [json.code]
    const unsigned = found.filter((code: string) => code.startsWith('cms_') || code === 'sod_malformed')
    if (expected === 'error') {
      assert.ok(unsigned.length > 0, `${id}: ${text.slice(0, 600)}`)
      continue
    }
    if (outcome === 'document_signer_not_found') continue
    assert.equal(status, 200, `${id}: ${text.slice(0, 600)}`)
    assert.equal(json.valid, false, `${id}: no anchor stands behind it`)
    if (verifiesSignature) assert.deepEqual(unsigned, [], `${id}: ${text.slice(0, 600)}`)
    for (const { dg, contained } of dataGroups) {
      const number = Number(dg.replace('DG', ''))
      const result = json.document.dataGroups.find((one: { number: number }) => one.number === number)
      assert.equal(result?.status === 'match', contained, `${id}: ${dg}`)
    }
  }
  t.diagnostic([...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', '))
})
