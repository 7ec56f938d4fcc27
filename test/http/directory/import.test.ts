import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { derWriter as der, toPem } from '@mmf/pki'
import { createRoot, extension, subjectKeyIdentifier, testKey } from '../../../layer/pki/src/testing/index.ts'
import { base64, crlRecord, dscRecord, icao, imported, ldifRecord, sha256, tree } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
let administrator: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  administrator = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
})
after(() => marty.stop())

const csca = createRoot('C=UT, O=Utopia, CN=CSCA Utopia')
const get = (path: string) => marty.request('GET', path, { token: administrator })
const counts = ({ processed, added, updated, unchanged, quarantined, skipped }: Record<string, number>) => ({
  processed, added, updated, unchanged, quarantined, skipped,
}) // biome-ignore format: one line

test('an LDIF in the layout of the ICAO PKD is imported; again, it changes nothing', async () => {
  const dscs = Array.from({ length: 3 }, (_, i) => csca.issue(`C=UT, O=Utopia, CN=DSC ${i}`))
  const crl = csca.crl({ entries: [{ serial: 99 }] })
  const ldif = `version: 1\n\n${tree}${dscs.map(({ der }) => dscRecord(der)).join('')}${crlRecord(crl)}`

  const done = await imported(marty, administrator, { ldif, source: 'icao 001' })

  assert.equal(done.json.state, 'completed', done.text)
  assert.deepEqual(counts(done.json), { processed: 7, added: 4, updated: 0, unchanged: 0, quarantined: 0, skipped: 3 })
  assert.equal(done.json.position, Buffer.byteLength(ldif))
  const entry = await get(`/v1/pkd/certificates/${sha256(dscs[0]?.der ?? new Uint8Array())}`)
  assert.equal(entry.status, 200)
  assert.deepEqual(entry.json.source, { name: 'icao 001', importId: done.json.jobId, principal: 'admin-1' })
  const again = await imported(marty, administrator, { ldif, source: 'another' })
  assert.deepEqual(counts(again.json), { processed: 7, added: 0, updated: 0, unchanged: 4, quarantined: 0, skipped: 3 })
})

test('what cannot be taken is kept in quarantine with the reason and the line; the rest is imported', async () => {
  const good = csca.issue('C=UT, CN=DSC good').der
  const broken: [string, string][] = [
    ['certificate_malformed', dscRecord(good.subarray(0, good.length - 10), { name: 'truncated' })],
    [
      'ldif_base64',
      dscRecord(good, { name: 'base64' }).replace('userCertificate;binary:: MII', 'userCertificate;binary:: M_I'),
    ],
    ['object_class_unknown', dscRecord(good, { name: 'class' }).replace('inetOrgPerson', 'spaceship')],
    ['dn_outside_directory', dscRecord(good, { name: 'elsewhere' }).replace('dc=pkd', 'dc=other')],
    ['dn_malformed', dscRecord(good, { name: 'a\\zz' })],
    [
      'content_missing',
      ldifRecord(`cn=x,o=dsc,c=UT,${icao}`, [
        ['objectClass', 'pkdDownload'],
        ['cn', 'x'],
      ]),
    ],
    [
      'content_repeated',
      dscRecord(good, { name: 'twice' }).replace('sn: 1\n', `userCertificate;binary:: ${'AAAA'}\nsn: 1\n`),
    ],
    ['ldif_change_refused', `dn: cn=x,${icao}\nchangetype: delete\n\n`],
    ['crl_malformed', crlRecord(good)],
    ['object_class_missing', ldifRecord(`cn=y,o=dsc,c=UT,${icao}`, [['cn', 'y']])],
  ]
  const ldif = `version: 1\n\n${broken.map(([, record]) => record).join('')}${dscRecord(good)}${dscRecord(good)}`

  const done = await imported(marty, administrator, { ldif })

  assert.equal(done.json.state, 'completed')
  assert.deepEqual(counts(done.json), {
    processed: 12,
    added: 1,
    updated: 0,
    unchanged: 1,
    quarantined: 10,
    skipped: 0,
  })
  const kept: { code: string; line: number; at: number; content: string; dn?: string }[] = []
  let cursor = ''
  do {
    const page = await get(`/v1/pkd/imports/${done.json.jobId}/quarantine?limit=4${cursor}`)
    assert.equal(page.status, 200, page.text)
    kept.push(...page.json.records)
    cursor = page.json.cursor === undefined ? '' : `&cursor=${encodeURIComponent(page.json.cursor)}`
  } while (cursor !== '')
  assert.deepEqual(
    kept.map(record => record.code),
    broken.map(([code]) => code),
  )
  const lines = ldif.split('\n')
  for (const [index, { content, line }] of kept.entries()) {
    assert.equal(`${Buffer.from(content, 'base64')}\n`, broken[index]?.[1])
    assert.equal(lines[line - 1], broken[index]?.[1].split('\n')[0])
  }
  assert.equal((await get(`/v1/pkd/keys?fingerprint=${sha256(good)}`)).status, 200)
})

test('contents without measure are refused one by one, and hold up nothing', async () => {
  const key = testKey('p256', 'large')
  const long = (extensions: readonly Uint8Array[]) =>
    csca.issue('C=UT, CN=DSC without measure', { key, extensions }).der
  const name = `C=UT, CN=${'x'.repeat(9000)}`
  const records = [
    dscRecord(csca.issue(name, { key }).der, { name: 'subject' }),
    dscRecord(csca.issue('C=UT, CN=DSC serial', { key, serial: 2n ** 600n }).der, { name: 'serial' }),
    dscRecord(long([subjectKeyIdentifier(new Uint8Array(65))]), { name: 'identifier' }),
    dscRecord(long([extension('1.2.3.4', new Uint8Array(140_000))]), { name: 'certificate' }),
    dscRecord(csca.issue('C=UT, CN=DSC dn', { key }).der, { name: 'y'.repeat(9000) }),
    crlRecord(csca.crl({ extensions: [extension('2.5.29.20', der.integer(2n ** 600n))] })),
    crlRecord(createRoot(name).crl()),
  ]
  const done = await imported(marty, administrator, { ldif: records.join('') })
  assert.deepEqual([done.json.state, done.json.quarantined], ['completed', records.length], done.text)
  const { json } = await get(`/v1/pkd/imports/${done.json.jobId}/quarantine`)
  assert.deepEqual(
    json.records.map((record: { code: string }) => record.code),
    [
      ...['name_too_long', 'name_too_long', 'name_too_long', 'certificate_too_large', 'dn_malformed'],
      ...['name_too_long', 'name_too_long'],
    ],
  )
})

test('one certificate under the name of another country is kept, and does not conform', async () => {
  const { der } = csca.issue('C=UT, CN=DSC misplaced')
  await imported(marty, administrator, { ldif: dscRecord(der, { country: 'XX' }) })
  const { json } = await get(`/v1/pkd/certificates/${sha256(der)}`)
  assert.equal(json.country, 'UT')
  assert.deepEqual(json.conformance, { status: 'non_conforming', findings: ['issuer_not_trusted', 'country_mismatch'] })
})

test('entries of nc-data go into collection 003 with what their publisher says; a later import updates them', async () => {
  const { der } = csca.issue('C=UT, CN=DSC nc')
  const record = dscRecord(der, {
    extra: [
      ['pkdConformanceCode', 'ERR:DSC.1'],
      ['pkdConformanceText', 'wrong key usage'],
    ],
  })
  await imported(marty, administrator, { ldif: record.replace('dc=data', 'dc=nc-data') })
  const first = await get(`/v1/pkd/certificates/${sha256(der)}`)
  assert.equal(first.json.collection, '003')
  assert.equal(first.json.conformance.pkdCode, 'ERR:DSC.1')
  assert.equal(first.json.conformance.pkdText, 'wrong key usage')

  const done = await imported(marty, administrator, { ldif: dscRecord(der) })

  assert.equal(done.json.updated, 1)
  const second = await get(`/v1/pkd/certificates/${sha256(der)}`)
  assert.equal(second.json.collection, '001')
  assert.equal(second.json.conformance.pkdCode, undefined)
  assert.equal(second.json.createdAt, first.json.createdAt)
})

test('a withdrawn certificate stays withdrawn when it comes again', async () => {
  const { der } = csca.issue('C=UT, CN=DSC withdrawn')
  await imported(marty, administrator, { certificate: toPem('CERTIFICATE', der) })
  const path = `/v1/pkd/certificates/${sha256(der)}`
  await marty.request('POST', `${path}/withdraw`, { token: administrator, body: { reason: 'compromised' } })

  const done = await imported(marty, administrator, { ldif: dscRecord(der) })

  assert.equal(done.json.updated, 1)
  assert.equal((await get(path)).json.status, 'withdrawn')
  assert.equal((await get(`/v1/pkd/keys?fingerprint=${sha256(der)}`)).status, 404)
})

test('a bundle of certificates and a CRL are imported without LDIF', async () => {
  const bundle = Array.from({ length: 3 }, (_, i) => csca.issue(`C=UT, CN=DSC of a bundle ${i}`).der)
  const done = await imported(marty, administrator, {
    certificate: bundle.map(der => toPem('CERTIFICATE', der)).join(''),
  })
  assert.equal(done.json.added, 3)
  const [der = new Uint8Array()] = bundle
  assert.deepEqual((await get(`/v1/pkd/certificates/${sha256(der)}`)).json.conformance.findings, ['issuer_not_trusted'])
  await imported(marty, administrator, { ldif: dscRecord(der, { extra: [['pkdConformanceText', 'kept']] }) })
  const alone = await imported(marty, administrator, { certificate: toPem('CERTIFICATE', der) })
  assert.equal(alone.json.unchanged, 1, 'a certificate alone says nothing against what its entry said')
  assert.equal((await get(`/v1/pkd/certificates/${sha256(der)}`)).json.conformance.pkdText, 'kept')
  const crl = await imported(marty, administrator, { crl: base64(csca.crl({ entries: [{ serial: 7 }] })) })
  assert.equal(crl.json.added, 1, crl.text)
})

test('a large LDIF is uploaded to a URL of its own, and imported from there', async () => {
  const { der } = csca.issue('C=UT, CN=DSC uploaded')
  const ldif = Buffer.from(`version: 1\n\n${`# ${'filling '.repeat(100)}\n`.repeat(20_000)}\n${dscRecord(der)}`)
  const started = await marty.request('POST', '/v1/pkd/uploads', { token: administrator, body: { size: ldif.length } })
  assert.equal(started.status, 201, started.text)
  const { uploadId, method, url, headers } = started.json
  const before = await marty.request('POST', '/v1/pkd/imports', { token: administrator, body: { upload: uploadId } })
  assert.equal(before.json.code, 'import_input_invalid')
  const { 'content-length': length, ...others } = headers
  assert.equal(length, String(ldif.length))
  const put = (body: Uint8Array, change: object = {}) =>
    fetch(url, { method, headers: { ...others, ...change }, body: Uint8Array.from(body) })
  assert.equal((await put(ldif.subarray(1))).status, 400, 'another size')
  assert.equal((await put(ldif, { 'content-type': 'text/html' })).status, 403, 'another type')
  assert.equal(
    (
      await fetch(
        url.replace(/signature=(.)/, (_: string, first: string) => `signature=${first === '_' ? '-' : '_'}`),
        { method, headers: others, body: 'x' },
      )
    ).status,
    403,
  )
  assert.equal((await fetch(url)).status, 403, 'another method')

  assert.equal((await put(ldif)).status, 200)

  const done = await imported(marty, administrator, { upload: uploadId })
  assert.deepEqual([done.json.state, done.json.size, done.json.added], ['completed', ldif.length, 1])
})

test('an upload that is replaced while it is imported ends the import', async () => {
  const records = Array.from({ length: 100 }, (_, i) => dscRecord(csca.issue(`C=UT, CN=DSC replaced ${i}`).der)).join(
    '',
  )
  const ldif = `${records}# ${'x'.repeat(1_100_000)}\n\n${records}`
  const key = 'marty/pkd/uploads/0190bbbb-0000-7000-8000-000000000000'
  const { blobs } = marty.platform.http
  const get = blobs.get.bind(blobs)
  await blobs.put(key, Buffer.from(ldif))
  let reads = 0
  blobs.get = async (name, options) => {
    if (name === key && ++reads === 2) await blobs.put(key, Buffer.from(ldif.toUpperCase()))
    return get(name, options)
  }
  try {
    const done = await imported(marty, administrator, { upload: '0190bbbb-0000-7000-8000-000000000000' })
    assert.deepEqual([done.json.state, done.json.error], ['failed', 'import_input_invalid'])
    assert.equal(done.json.processed, done.json.added)
  } finally {
    blobs.get = get
  }
})

test('bad requests are refused with a code and start nothing', async () => {
  const before = (await get('/v1/pkd/imports')).json.imports.length
  const refused: [object, string][] = [
    [{}, 'validation_failed'],
    [{ ldif: 'dn: x', crl: 'y' }, 'validation_failed'],
    [{ certificate: 'no certificate' }, 'certificate_malformed'],
    [{ crl: 'no crl' }, 'crl_malformed'],
    [{ masterList: 'no base64' }, 'validation_failed'],
    [{ upload: '0190aaaa-0000-7000-8000-000000000000' }, 'import_input_invalid'],
  ]
  for (const [body, code] of refused) {
    const answer = await marty.request('POST', '/v1/pkd/imports', { token: administrator, body })
    assert.deepEqual([answer.status, answer.json.code], [422, code], answer.text)
  }
  const reader = marty.token({ roles: [], permissions: [] })
  const ldif = 'version: 1\n'
  assert.equal(
    (await marty.request('POST', '/v1/pkd/imports', { token: reader, body: { ldif } })).json.code,
    'role_missing',
  )
  assert.equal((await get('/v1/pkd/imports')).json.imports.length, before)
  const unknown = await get('/v1/pkd/imports/0190aaaa-0000-7000-8000-000000000000')
  assert.deepEqual([unknown.status, unknown.json.code], [404, 'import_not_found'])
})

test('an LDIF of nothing but noise ends in quarantine, completed', async () => {
  const done = await imported(marty, administrator, { ldif: 'noise\n\nmore noise\n: :\n' })
  assert.equal(done.json.state, 'completed')
  assert.deepEqual(counts(done.json), { processed: 2, added: 0, updated: 0, unchanged: 0, quarantined: 2, skipped: 0 })
  const over = await marty.request('POST', `/v1/pkd/imports/${done.json.jobId}/cancel`, {
    token: administrator,
    body: {},
  })
  assert.deepEqual([over.status, over.json.code], [409, 'import_finished'])
})
