import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  buildLdsSecurityObject,
  buildMasterList,
  buildOcspRequest,
  buildSignedData,
  buildSod,
  extensionDecoders,
  oids,
  parseCertificate,
  toPem,
} from '@mmf/pki'
import {
  authorityInfoAccess,
  certificatePolicies,
  createRoot,
  crlDistributionPoints,
  defaultAlgorithm,
  extendedKeyUsage,
  extension,
  issueOcspError,
  nameConstraints,
  noRevAvail,
  policyConstraints,
  policyMappings,
  signBytes,
  signingAlgorithms,
  subjectAltName,
  testDay,
  testKey,
  testTime,
  unknownExtension,
  uriPoint,
} from '../../layer/pki/src/testing/index.ts'
import { Failure } from '../failure.ts'
import type { CommandResult } from '../result.ts'
import { certInspect } from './cert-inspect.ts'
import { certValidate } from './cert-validate.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-cert-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const root = createRoot('C=UT, CN=Root')
const ca = root.subordinate('C=UT, CN=CA', {
  extra: [nameConstraints({ permitted: [{ ip: [10, 0, 0, 0, 255, 0, 0, 0] }] })],
})
const server = ca.issue('C=UT, CN=server.example', {
  extra: [
    extendedKeyUsage(['serverAuth']),
    subjectAltName([{ dns: 'server.example' }, { ip: [10, 1, 2, 3] }]),
    certificatePolicies(['1.2.3']),
    crlDistributionPoints([uriPoint('http://crl.example/ca.crl')]),
    authorityInfoAccess([{ method: 'ocsp', uri: 'http://ocsp.example' }]),
    unknownExtension(false),
  ],
})
const rootFile = file('root.pem', toPem('CERTIFICATE', root.der))
const chainFile = file('chain.pem', toPem('CERTIFICATE', server.der) + toPem('CERTIFICATE', ca.der))
const leafFile = file('leaf.der', server.der)
const time = testTime.toISOString()
const now = testTime.getTime()

const inspect = (path: string) => certInspect({ file: path, now })
function inspectJson(path: string): Record<string, unknown>[] {
  const { stdout = '', exitCode } = certInspect({ file: path, now, json: true })
  assert.equal(exitCode, 0)
  return JSON.parse(stdout)
}
const typeOf = (path: string) => String(inspectJson(path)[0]?.['type'])

/** A wrong call, in one line that names the file or option. */
function assertOneLine(command: () => CommandResult, pattern: RegExp): void {
  assert.throws(command, error => {
    assert.ok(error instanceof Failure)
    assert.equal(error.exitCode, 2)
    assert.match(error.message, pattern)
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
}

test('inspect explains every certificate of a file, each field and each extension', () => {
  const { stdout = '', exitCode } = inspect(chainFile)
  assert.equal(exitCode, 0)
  for (const line of [
    '--- 1 of 2',
    'subject             CN=server.example,C=UT',
    'validity            valid for 365 days more',
    'publicKey           EC, secp256r1',
    'keyUsage (2.5.29.15), critical',
    'value     serverAuth (1.3.6.1.5.5.7.3.1)',
    'value     DNS:server.example, IP:10.1.2.3',
    '- at  URI:http://crl.example/ca.crl',
    'value     ocsp (1.3.6.1.5.5.7.48.1): URI:http://ocsp.example',
    'what for  unknown to this program',
    '--- 2 of 2',
    'permitted  IP:10.0.0.0/255.0.0.0',
  ]) {
    assert.ok(stdout.includes(line), `${line} is not in:\n${stdout}`)
  }
})

test('inspect says who issued a certificate as far as it can be seen', () => {
  assert.match(inspect(rootFile).stdout ?? '', /issuedBy +itself: the signature verifies under its own key/)
  assert.match(inspect(leafFile).stdout ?? '', /issuedBy +another name/)
  const forged = createRoot('CN=Forged', { corruptSignature: true })
  assert.match(inspect(file('forged.der', forged.der)).stdout ?? '', /issuedBy +its own name, another key/)
})

test('inspect knows every extension that the package decodes', () => {
  const all = [
    policyMappings([['1.2.3', '1.2.4']]),
    policyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 1 }),
    noRevAvail(),
    // What is known but malformed still shows, and says what is wrong.
    ...Object.keys(extensionDecoders)
      .filter(oid => !['2.5.29.33', '2.5.29.36', '2.5.29.56', '2.5.29.15', '2.5.29.14', '2.5.29.35'].includes(oid))
      .map(oid => extension(oid, Uint8Array.of(0x0c, 0x01, 0x41))),
  ]
  const [report] = inspectJson(file('all.der', root.issue('CN=All', { extra: all }).der))
  const extensions = report?.['extensions'] as { oid: string; meaning: string }[]
  assert.equal(extensions.length, Object.keys(extensionDecoders).length)
  for (const { oid, meaning } of extensions) assert.doesNotMatch(meaning, /unknown/, oid)
  assert.ok(extensions.filter(({ meaning }) => meaning.includes('MALFORMED')).length >= 15)
})

test('inspect recognises the other things people have', () => {
  const signer = root.issue('CN=Signer')
  const signed = (contentType: string, content: Uint8Array) =>
    buildSignedData({
      contentType,
      content,
      certificates: [signer.der],
      signers: [
        {
          certificate: signer.der,
          signatureAlgorithm: signingAlgorithms[defaultAlgorithm(signer.key)].identifier,
          sign: data => signBytes(data, signer.key),
        },
      ],
    })
  const lds = buildLdsSecurityObject({
    hash: 'sha256',
    dataGroups: [1, 2].map(number => ({ number, content: Uint8Array.of(1) })),
  })
  const request = buildOcspRequest({ certificate: parseCertificate(server.der), issuer: parseCertificate(ca.der) })
  const cases: [string, string | Uint8Array, RegExp][] = [
    ['ca.crl', ca.crl(), /^certificate revocation list/],
    ['crl.pem', toPem('X509 CRL', ca.crl()), /^certificate revocation list/],
    ['ocsp.der', ca.ocsp([{ certId: ca.certId(server.serial), status: 'good' }]), /^OCSP response/],
    ['ocsp-error.der', issueOcspError(6), /^OCSP response/],
    ['request.der', request, /^OCSP request/],
    ['signed.p7m', signed(oids.data, Uint8Array.of(1)), /^CMS SignedData/],
    ['list.ml', signed(oids.cscaMasterList, buildMasterList([root.der])), /^CSCA master list/],
    ['sod.bin', buildSod(signed(oids.ldsSecurityObject, lds)), /^EF\.SOD/],
    ['key.pem', toPem('PRIVATE KEY', Uint8Array.of(0x30, 0)), /^PRIVATE KEY: recognised by its label, not shown/],
    ['leaf.b64', Buffer.from(server.der).toString('base64'), /^X\.509 certificate/],
  ]
  for (const [name, content, type] of cases) assert.match(typeOf(file(name, content)), type, name)
  assert.deepEqual(inspectJson(join(folder, 'list.ml'))[0]?.['countries'], { UT: 1 })
})

test('inspect of a master list shows its signers, their signing time and every fingerprint, as text and as JSON', () => {
  const key = testKey('p256', 'list signer')
  const signer = root.issue('C=UT, CN=List Signer', { key })
  const signature = {
    signatureAlgorithm: signingAlgorithms[defaultAlgorithm(key)].identifier,
    signingTime: new Date('2026-03-04T05:06:07Z'),
  } as const
  const bytes = (sign: (data: Uint8Array) => Uint8Array) =>
    buildSignedData({
      contentType: oids.cscaMasterList,
      content: buildMasterList([root.der, ca.der]),
      certificates: [signer.der],
      signers: [{ certificate: signer.der, ...signature, sign }],
    })
  const list = bytes(data => signBytes(data, key))
  const path = file('signed.ml', list)
  const reportOf = (of: string) =>
    inspectJson(of)[0] as unknown as {
      readonly sha256: string
      readonly signers: number
      readonly signedBy: readonly { sha256: string; signingTime: string; signature: string }[]
      readonly listed: readonly { sha256: string }[]
    }
  const report = reportOf(path)
  const sha256 = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
  assert.deepEqual([report.sha256, report.signers, report.signedBy.length], [sha256(list), 1, 1])
  const [signedBy = assert.fail()] = report.signedBy
  assert.equal(signedBy.sha256, sha256(signer.der))
  assert.equal(signedBy.signingTime, '2026-03-04T05:06:07.000Z')
  assert.equal(signedBy.signature, 'verifies under this certificate')
  assert.deepEqual(new Set(report.listed.map(one => one.sha256)), new Set([sha256(root.der), sha256(ca.der)]))
  const { stdout = '' } = inspect(path)
  for (const shown of [
    sha256(list),
    sha256(signer.der),
    sha256(root.der),
    sha256(ca.der),
    '2026-03-04T05:06:07.000Z',
  ]) {
    assert.ok(stdout.includes(shown), shown)
  }
  const forged = reportOf(
    file(
      'forged.ml',
      bytes(data => signBytes(data, testKey('p256', 'another'))),
    ),
  )
  assert.match(forged.signedBy[0]?.signature ?? '', /^does not verify: cms_/)
})

test('names from strangers do nothing to the terminal', () => {
  const { der } = root.issue('CN=\u001b[2J\u202Eevil')
  const { stdout = '' } = inspect(file('evil.der', der))
  assert.doesNotMatch(stdout, /[^\P{C}\n]/u)
  const verdict = certValidate({ file: join(folder, 'evil.der'), anchors: [rootFile], profile: 'rfc5280', time })
  assert.equal(verdict.exitCode, 0)
  assert.doesNotMatch(verdict.stdout ?? '', /[^\P{C}\n]/u)
})

test('a file that cannot be used gives one clear line', () => {
  assertOneLine(() => inspect(join(folder, 'nowhere.pem')), /nowhere\.pem: no such file$/)
  assertOneLine(() => inspect(folder), /it is a folder$/)
  assertOneLine(() => inspect(file('garbage.bin', 'not a certificate')), /garbage\.bin: there is nothing in it/)
  assertOneLine(() => inspect(file('empty.pem', '')), /empty\.pem: there is nothing in it/)
  assertOneLine(() => inspect(file('cut.der', server.der.subarray(0, 100))), /cut\.der: .*not valid DER/)
  assertOneLine(() => inspect(file('open.pem', toPem('CERTIFICATE', ca.der).slice(0, 200))), /open\.pem: .*not closed/)
  const call = { file: leafFile, anchors: [rootFile], profile: 'rfc5280' }
  assertOneLine(() => certValidate({ ...call, file: join(folder, 'key.pem') }), /there is no certificate in it/)
  assertOneLine(() => certValidate({ ...call, crls: [rootFile] }), /root\.pem: there is no CRL in it/)
  assertOneLine(() => certValidate({ ...call, profile: 'x509' }), /profile "x509" is not one of: rfc5280/)
  assertOneLine(() => certValidate({ ...call, time: 'noon' }), /time "noon" is no moment/)
  assertOneLine(() => certValidate({ ...call, revocation: 'later' }), /revocation "later" is not one of/)
  assertOneLine(() => certValidate({ ...call, compatibilities: ['everything'] }), /no compatibility 'everything'/)
})

test('validate: valid, with the path from the certificate to the anchor', () => {
  const plain = certValidate({ file: chainFile, anchors: [rootFile], profile: 'rfc5280', time, host: 'server.example' })
  assert.equal(plain.exitCode, 0, plain.stdout)
  assert.match(
    plain.stdout ?? '',
    /^VALID under rfc5280 at 2026-06-15T12:00:00\.000Z\nCN=server\.example.*\n {2}└─ CN=CA.*\n {4}└─ anchor CN=Root/,
  )
})

test('validate: invalid, with the reason where it belongs, and the same as JSON', () => {
  const crl = file('revoking.crl', ca.crl({ entries: [{ serial: server.serial as number }] }))
  const rootCrl = file('root.crl', root.crl())
  const call = {
    file: leafFile,
    anchors: [rootFile],
    intermediates: [chainFile],
    crls: [crl, rootCrl],
    profile: 'rfc5280',
    time,
  }
  const { stdout = '', exitCode } = certValidate(call)
  assert.equal(exitCode, 6)
  assert.match(stdout, /^INVALID/)
  assert.match(stdout, /\nCN=server\.example.*\n {3}✗ certificate_revoked: .*RFC 5280/)
  assert.match(stdout, /0: crl revoked, .*revoked 2026-06-05/)
  const json = certValidate({ ...call, json: true })
  assert.equal(json.exitCode, 6)
  const verdict = JSON.parse(json.stdout ?? '')
  assert.equal(verdict.valid, false)
  assert.ok(verdict.findings.some(({ code }: { code: string }) => code === 'certificate_revoked'))
  assert.equal(verdict.path.length, 2)
  const off = certValidate({ ...call, revocation: 'off' })
  assert.equal(off.exitCode, 0)
  const otherProfile = certValidate({ ...call, revocation: 'off', profile: 'mtls-client' })
  assert.match(otherProfile.stdout ?? '', /✗ purpose_not_allowed/)
  const early = certValidate({ ...call, revocation: 'off', time: testDay(-1000).toISOString() })
  assert.match(early.stdout ?? '', /✗ not_yet_valid/)
})

test('validate: an OCSP response decides', () => {
  const end = root.issue('CN=End', { key: testKey('p256', 'end') })
  const good = file('good.ocsp', root.ocsp([{ certId: root.certId(end.serial), status: 'good' }]))
  const bad = file('bad.ocsp', root.ocsp([{ certId: root.certId(end.serial), status: { revokedAt: testDay(-3) } }]))
  const call = { file: file('end.der', end.der), anchors: [rootFile], profile: 'rfc5280', time }
  assert.equal(certValidate({ ...call, ocsp: [good] }).exitCode, 0)
  assert.equal(certValidate({ ...call, ocsp: [bad] }).exitCode, 6)
})

test('the program: exit codes 0, 6 and 2', () => {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const cli = (...args: string[]) => spawnSync(process.execPath, [main, 'cert', ...args], { encoding: 'utf8' })
  const call = ['validate', chainFile, '--anchor', rootFile, '--profile', 'rfc5280', '--time']
  const valid = cli(...call, time)
  assert.deepEqual([valid.status, valid.stdout.slice(0, 6), valid.stderr], [0, 'VALID ', ''])
  assert.equal(cli(...call, '2001-01-01').status, 6)
  const wrong = cli('validate', chainFile, '--profile', 'rfc5280')
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /^usage_invalid: required option '--anchor <file>' not specified/)
})
