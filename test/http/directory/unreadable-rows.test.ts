import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parsePem } from '@mmf/pki'
import { pkdExport } from '../../../cli/commands/pkd-export.ts'
import { createApiClient } from '../../../cli/http/api-client.ts'
import { createProgress } from '../../../cli/http/progress.ts'
import { createRoot } from '../../../layer/pki/src/testing/index.ts'
import { crlRecord, dscRecord, imported, sha256 } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { rewriteRow, storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
let token: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  token = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
  const done = await imported(marty, token, { ldif })
  assert.equal(done.json.added, 7)
  damage('public_keys', odd)
  damage('pkd_crls', oddCrl)
})
after(() => marty.stop())

const csca = createRoot('C=UT, CN=CSCA Utopia')
const dscs = Array.from({ length: 5 }, (_, i) => csca.issue(`C=UT, CN=DSC ${i}`).der)
const crls = [csca.crl({ entries: [{ serial: 99 }] }), csca.crl({ entries: [{ serial: 98 }] })]
const ldif = `version: 1\n\n${[...dscs.map(der => dscRecord(der)), ...crls.map(der => crlRecord(der))].join('')}`
const [odd = '', oddCrl = ''] = [dscs[2], crls[0]].map(der => sha256(der ?? new Uint8Array()))
const others = [...dscs, ...crls].map(sha256).filter(id => id !== odd && id !== oddCrl)
const unreadable = [odd, oddCrl].map(id => ({ id, reason: 'database_row_invalid: source' }))

function damage(table: string, fingerprint: string): void {
  rewriteRow(marty.dataDirectory, table, { fingerprint }, row => ({ ...row, source: 1 }))
}

test('an export leaves out what cannot be read, and says so in its headers and in its text', async () => {
  const json = await marty.request('GET', '/v1/pkd/exports?format=json', { token })
  assert.equal(json.status, 200, json.text)
  const fingerprints = json.json.entries.map(({ fingerprint }: { fingerprint: string }) => fingerprint)
  assert.deepEqual(fingerprints.toSorted(), others.toSorted())
  assert.deepEqual(json.json.unreadable, unreadable)

  for (const format of ['ldif', 'pem']) {
    const answer = await marty.request('GET', `/v1/pkd/exports?format=${format}`, { token })
    assert.deepEqual([answer.status, answer.headers.get('marty-left-out')], [200, '2'], answer.text)
    assert.deepEqual(
      answer.text.match(/^#.*$/gm),
      unreadable.map(({ id, reason }) => `# left out: ${id}: its row cannot be read (${reason})`),
    )
    if (format === 'pem')
      assert.deepEqual(
        parsePem(answer.text).map(({ der }) => sha256(der)),
        fingerprints,
      )
  }
})

test('an LDIF with remarks of what was left out is imported like any other', async () => {
  const text = (await marty.request('GET', '/v1/pkd/exports?format=ldif', { token })).text
  const again = await imported(marty, token, { ldif: text })
  assert.deepEqual([again.json.state, again.json.processed, again.json.unchanged], ['completed', 5, 5])
})

test('pages of an export count what cannot be read, and name each row once', async () => {
  const named: string[] = []
  for (let path: string | undefined = '/v1/pkd/exports?format=json&limit=1'; path !== undefined; ) {
    const { json } = await marty.request('GET', path, { token })
    const ids = [
      ...json.entries.map((one: { fingerprint: string }) => one.fingerprint),
      ...(json.unreadable ?? []).map((one: { id: string }) => one.id),
    ]
    assert.ok(ids.length <= 1)
    named.push(...ids)
    path = json.next
  }
  assert.deepEqual(named.toSorted(), [...others, odd, oddCrl].toSorted())
})

test('an export from the shell is written, names what it lacks, and exits 7', async () => {
  const client = createApiClient({ url: marty.url, token })
  for (const format of ['ldif', 'pem', 'json']) {
    const written: string[] = []
    const write = async (text: string) => void written.push(text)
    const silent = createProgress({ write: () => {} })
    const result = await pkdExport(client, { format, collection: '001' }, write, silent)
    const stderr = unreadable.map(({ id, reason }) => `${id} cannot be read: ${reason}\n`).join('')
    assert.deepEqual(result, { exitCode: 7, stderr }, format)
    assert.ok(written.join('').length > 1000)
  }
})

test('an import puts the records whose stored rows cannot be read into quarantine, and does the others', async () => {
  const fresh = csca.issue('C=UT, CN=DSC of later').der
  const before = storedRows(marty.dataDirectory, 'public_keys').find(row => row.fingerprint === odd)
  const done = await imported(marty, token, { ldif: `${ldif}${dscRecord(fresh)}` })
  const { state, processed, added, unchanged, quarantined, jobId } = done.json
  assert.deepEqual([state, processed, added, unchanged, quarantined], ['completed', 8, 1, 5, 2], done.text)
  const kept = await marty.request('GET', `/v1/pkd/imports/${jobId}/quarantine`, { token })
  const records: { code: string; message: string }[] = kept.json.records
  assert.deepEqual(
    records.map(({ code }) => code),
    ['database_row_invalid', 'database_row_invalid'],
  )
  assert.match(records[0]?.message ?? '', new RegExp(`public_keys ${odd} \\(database_row_invalid: source\\)`))
  assert.match(records[1]?.message ?? '', new RegExp(`pkd_crls ${oddCrl} `))
  const after = storedRows(marty.dataDirectory, 'public_keys').find(row => row.fingerprint === odd)
  assert.deepEqual(after, before, 'the row is left as it is')
})

test('an export that lacks rows has another ETag when they are there again', async () => {
  const path = '/v1/pkd/exports?format=pem'
  // Long after a change, the revision of the collection makes the ETag.
  const changedAt = '2026-01-01T00:00:00.000Z'
  rewriteRow(marty.dataDirectory, 'pkd_state', { collection: '001' }, row => ({ ...row, changedAt }))
  const lacking = (await marty.request('GET', path, { token })).headers.get('etag') ?? ''
  rewriteRow(marty.dataDirectory, 'public_keys', { fingerprint: odd }, row => ({ ...row, source: 'mended' }))
  const mended = await marty.request('GET', path, { token, headers: { 'if-none-match': lacking } })
  assert.deepEqual([mended.status, mended.headers.get('marty-left-out')], [200, '1'])
})
