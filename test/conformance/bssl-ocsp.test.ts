import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildOcspRequest } from '../../layer/pki/src/revocation/ocsp-request.ts'
import {
  createRoot,
  extendedKeyUsage,
  issueOcspError,
  keyUsage,
  type OcspTemplate,
  type SingleResponseInput,
  testDay,
  testKey,
  testTime,
} from '../../layer/pki/src/testing/index.ts'
import { parseCertificate } from '../../layer/pki/src/x509/certificate.ts'
import type { Suite } from './case.ts'
import { countCase, emptyReport } from './report.ts'
import * as bsslOcsp from './suites/bssl-ocsp.ts'
import * as crl from './suites/crl.ts'

// Files in the form of upstream's, made here by a CA of our own.

const folder = mkdtempSync(join(tmpdir(), 'bssl-ocsp-'))
after(() => rmSync(folder, { recursive: true }))

const root = createRoot('CN=Test CA')
const leaf = root.issue('CN=Test Cert')
const responderKey = testKey('p256', 'bssl responder')
const responder = (notAfter: Date) =>
  root.issue('CN=Test OCSP Signer', {
    key: responderKey,
    extensions: [keyUsage(['digitalSignature']), extendedKeyUsage(['ocspSigning'])],
    notAfter,
  })
const single = (status: SingleResponseInput['status'] = 'good', more: Partial<SingleResponseInput> = {}) => ({
  certId: root.certId(leaf.serial),
  status,
  nextUpdate: null,
  ...more,
})
const delegated = (certificate: Uint8Array): Partial<OcspTemplate> => ({
  signer: responderKey,
  responder: { byName: 'CN=Test OCSP Signer' },
  certificates: [certificate],
})

const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n')}-----END ${label}-----\n\n`
const request = (certificate: Uint8Array) =>
  buildOcspRequest({ certificate: parseCertificate(certificate), issuer: parseCertificate(root.der) })
const textOf = (response: Uint8Array, certificate = leaf.der, asked = request(leaf.der)) =>
  `Says something.\n\n$ openssl ocsp -resp_text\n${pem('OCSP RESPONSE', response)}$ openssl x509 -text\n` +
  pem('CA CERTIFICATE', root.der) +
  pem('CERTIFICATE', certificate) +
  pem('OCSP REQUEST', asked)

const cases: Readonly<Record<string, readonly [expected: string, text: string]>> = {
  'good.pem': ['good', textOf(root.ocsp([single()]))],
  'revoked.pem': ['revoked', textOf(root.ocsp([single({ revokedAt: testDay(-3) })]))],
  'unknown.pem': ['unknown', textOf(root.ocsp([single('unknown')]))],
  'error.pem': ['unknown', textOf(issueOcspError(1))],
  'bad_signature.pem': ['unknown', textOf(root.ocsp([single()], { corruptSignature: true }))],
  'delegated.pem': ['good', textOf(root.ocsp([single()], delegated(responder(testDay(300)).der)))],
  'delegated_expired.pem': ['unknown', textOf(root.ocsp([single()], delegated(responder(testDay(-2)).der)))],
  'old.pem': ['unknown', textOf(root.ocsp([single('good', { thisUpdate: testDay(-8) })], { producedAt: testDay(-8) }))],
}

function folderWith(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}
const pemFiles = Object.fromEntries(Object.entries(cases).map(([file, [, text]]) => [file, text]))
const jsonTable = (change: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({
    validationTime: testTime.toISOString(),
    maxAgeSeconds: 604_800,
    tests: Object.entries(cases).map(([file, [expectedStatus]]) => ({
      file,
      expectedStatus: change[file] ?? expectedStatus,
    })),
  })
const sourceTable = `constexpr int64_t kOCSPAgeOneWeek = 7 * 24 * 60 * 60;
const TestParams kTestParams[] = {
${Object.entries(cases)
  .map(
    ([file, [status]]) =>
      `    {"${file}", OCSPRevocationStatus::${status.toUpperCase()},\n     OCSPVerifyResult::PROVIDED},`,
  )
  .join('\n')}
};
  int64_t kVerifyTime = ${testTime.getTime() / 1000};
`

async function report(suite: Suite, data: string) {
  const counted = emptyReport('bssl-ocsp')
  for await (const result of await suite.run({ data })) countCase(counted, result)
  return counted
}

test('every case is right by a JSON table', async () => {
  const { total, right } = await report(bsslOcsp, folderWith('json', { ...pemFiles, 'ocsp.json': jsonTable() }))
  assert.deepEqual([total, right], [8, 8])
})

test('every case is right by the table in the source, beside the files or two folders above', async () => {
  const beside = folderWith('beside', { ...pemFiles, 'ocsp_unittest.cc': sourceTable })
  folderWith('upstream', { 'ocsp_unittest.cc': sourceTable })
  const below = folderWith('upstream/testdata/ocsp_unittest', pemFiles)
  for (const data of [beside, below]) {
    const { total, right } = await report(bsslOcsp, data)
    assert.deepEqual([total, right], [8, 8])
  }
})

test('a wrong expectation, another request and a missing file are counted', async () => {
  const files = {
    ...pemFiles,
    'good.pem': textOf(root.ocsp([single()]), leaf.der, request(root.issue('CN=Other').der)),
    'ocsp.json': jsonTable({ 'revoked.pem': 'good', 'unknown.pem': 'good' }),
  }
  const rest = Object.fromEntries(Object.entries(files).filter(([file]) => file !== 'error.pem'))
  const { deviations, errors } = await report(bsslOcsp, folderWith('wrong', rest))
  assert.deepEqual(deviations.map(({ id, got }) => [id, got]).sort(), [
    ['error.pem', 'error'],
    ['good.pem', 'another request'],
    ['revoked.pem', 'revoked'],
    ['unknown.pem', 'unknown'],
  ])
  assert.equal(errors, 1)
})

test('a case whose certificate is no DER is skipped with the reason', async () => {
  const bad = Uint8Array.from(leaf.der)
  bad[4] = 0x31
  const files = { ...pemFiles, 'good.pem': textOf(root.ocsp([single()]), bad), 'ocsp.json': jsonTable() }
  const { skipped, right, skippedReasons } = await report(bsslOcsp, folderWith('bad', files))
  assert.deepEqual([skipped, right], [1, 7])
  assert.match(Object.keys(skippedReasons)[0] ?? '', /certificate itself is refused/)
})

test('data without a table is an error', async () => {
  await assert.rejects(report(bsslOcsp, folderWith('none', pemFiles)), /no table of expectations/)
})

test('the CRL suite leaves a table of OCSP cases alone', async () => {
  const { total } = await report(crl, folderWith('both', { ...pemFiles, 'ocsp.json': jsonTable() }))
  assert.equal(total, 0)
})

test('the table in the source', () => {
  assert.deepEqual(
    bsslOcsp.parseUpstreamTable('kOCSPAgeOneWeek = 7 * 24; kVerifyTime = 5; {"a.pem", OCSPRevocationStatus::GOOD,'),
    {
      validationTime: 5000,
      maximumAgeSeconds: 168,
      tests: [{ file: 'a.pem', expectedStatus: 'good' }],
    },
  )
  assert.throws(() => bsslOcsp.parseUpstreamTable('{}'), /kVerifyTime/)
})
