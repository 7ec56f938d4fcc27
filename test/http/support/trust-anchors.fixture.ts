import { createHash } from 'node:crypto'
import { buildMasterList, buildSignedData, oids } from '@mmf/pki'
import {
  authorityKeyIdentifier,
  basicConstraints,
  createRoot,
  defaultAlgorithm,
  ekuOid,
  extendedKeyUsage,
  type IssuedCertificate,
  issueCertificate,
  keyUsage,
  type MockAuthority,
  signBytes,
  signingAlgorithms,
  subjectKeyIdentifier,
  testKey,
} from '../../../layer/pki/src/testing/index.ts'
import type { TestAnswer, TestPlatform } from './start-platform.ts'

/** Valid whenever the tests run. */
export const longLived = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2049-01-01T00:00:00Z') }

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
export const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')

/** A self-signed CSCA. Another generation has the same name and another key. */
export function csca(country: string, generation: number | string = 1): MockAuthority {
  const key = testKey('p256', `csca ${country} ${generation}`)
  return createRoot(`C=${country}, O=State, CN=CSCA`, {
    ...longLived,
    key,
    serial: serialOf(`${country} ${generation}`),
  })
}

/** The countries of `manyCscas`. */
export const manyCountries = Array.from({ length: 12 }, (_, i) => `Q${String.fromCharCode(65 + i)}`)

/** Self-signed CSCA certificates of a few countries; they share a key, because making thousands of keys takes long. */
export function manyCscas(count: number, prefix = 'CSCA'): readonly Uint8Array[] {
  const key = testKey('p256', 'many')
  return Array.from({ length: count }, (_, i) => {
    const country = manyCountries[i % manyCountries.length]
    return createRoot(`C=${country}, O=State, CN=${prefix} ${i}`, { ...longLived, key, serial: i + 1 }).der
  })
}

/** A link certificate (Doc 9303-12 §7.1.1): the new key of a state under its old one, one name. */
export function linkCertificate(from: MockAuthority, to: MockAuthority): Uint8Array {
  return issueCertificate({
    ...longLived,
    subject: to.name,
    issuer: from.name,
    key: to.key,
    signer: from.key,
    serial: serialOf(`link ${sha256(from.der)} ${sha256(to.der)}`),
    extensions: [
      basicConstraints({ ca: true, pathLength: 0 }),
      keyUsage(['keyCertSign', 'cRLSign']),
      subjectKeyIdentifier(to.key),
      authorityKeyIdentifier({ key: from.key }),
    ],
  })
}

const serialOf = (text: string) => BigInt(`0x1${sha256(Buffer.from(text)).slice(0, 12)}`)

/** A master list signer under a CSCA. */
export function listSigner(authority: MockAuthority, country: string, change: object = {}): IssuedCertificate {
  return authority.issue(`C=${country}, O=State, CN=Master List Signer`, {
    ...longLived,
    key: testKey('p256', `signer ${country}`),
    extra: [extendedKeyUsage([ekuOid.masterListSigning])],
    ...change,
  })
}

export interface ListInput {
  readonly certificates: readonly Uint8Array[]
  readonly signer: IssuedCertificate
  readonly signingTime?: Date | null
  /** What comes beside the signature; default the signer's certificate. */
  readonly bag?: readonly Uint8Array[]
}

/** A signed CSCA master list. */
export function masterList({ certificates, signer, signingTime, bag = [signer.der] }: ListInput): Uint8Array {
  return buildSignedData({
    contentType: oids.cscaMasterList,
    content: buildMasterList(certificates),
    certificates: bag,
    signers: [
      {
        certificate: signer.der,
        signatureAlgorithm: signingAlgorithms[defaultAlgorithm(signer.key)].identifier,
        sign: data => signBytes(data, signer.key),
        ...(signingTime === null ? {} : { signingTime: signingTime ?? new Date('2026-01-01T00:00:00Z') }),
      },
    ],
  })
}

export const administrator = (marty: TestPlatform, subject = 'admin-1'): string =>
  marty.token({ subject, roles: ['trust_administrator'], permissions: [] })

export const reader = (marty: TestPlatform): string => marty.token({ subject: 'reader-1', roles: [], permissions: [] })

export function addAnchor(marty: TestPlatform, der: Uint8Array, more: object = {}): Promise<TestAnswer> {
  const body = { certificate: base64(der), purposes: ['csca'], ...more }
  return marty.request('POST', '/v1/trust-anchors', { token: administrator(marty), body })
}

export function importList(marty: TestPlatform, list: Uint8Array, more: object = {}, token = administrator(marty)) {
  const body = { masterList: base64(list), source: 'TEST', ...more }
  return marty.request('POST', '/v1/trust-anchors/master-lists', { token, body })
}

export const get = (marty: TestPlatform, path: string): Promise<TestAnswer> =>
  marty.request('GET', path, { token: reader(marty) })

/** A verdict from the trust store. */
export function judge(marty: TestPlatform, der: Uint8Array, more: object = {}): Promise<TestAnswer> {
  const body = { certificate: base64(der), profile: 'icao-csca', ...more }
  return marty.request('POST', '/v1/certificates/validate', { token: reader(marty), body })
}

/** The generation in force; 0 before the first change. */
export async function generationOf(marty: TestPlatform): Promise<number> {
  const { json } = await get(marty, '/v1/trust-anchors/generations?limit=1')
  return json.generations[0]?.generation ?? 0
}
