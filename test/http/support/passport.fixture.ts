import { createHash } from 'node:crypto'
import { buildLdsSecurityObject, buildSignedData, buildSod, derWriter, oids } from '@mmf/pki'
import type { SignerInput } from '../../../layer/pki/src/cms/build-signed-data.ts'
import {
  defaultAlgorithm,
  type IssuedCertificate,
  type MockAuthority,
  signBytes,
  signingAlgorithms,
  testKey,
} from '../../../layer/pki/src/testing/index.ts'
import { base64, longLived } from './trust-anchors.fixture.ts'

const mrzOf = (state: string) =>
  `P<${state}ERIKSSON<<ANNA<MARIA${'<'.repeat(19)}L898902C36UTO7408122F1204159ZE184226B<<<<<10`

/** An EF.DG1 of a passport of the State. */
export function dg1Of(state: string): Uint8Array {
  const mrz = new TextEncoder().encode(mrzOf(state))
  const object = derWriter.concatBytes([Uint8Array.of(0x5f, 0x1f, mrz.length), mrz])
  return derWriter.concatBytes([Uint8Array.of(0x61, object.length), object])
}

export interface PassportChoice {
  readonly state?: string
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  readonly embed?: boolean
  readonly signers?: number
  readonly signerChange?: Partial<SignerInput>
  readonly versionInfo?: { readonly ldsVersion: string; readonly unicodeVersion: string }
}

/** A document signer of a CSCA, valid whenever the tests run. */
export const documentSigner = (csca: MockAuthority, serial = 77): IssuedCertificate =>
  csca.issue('C=UT, O=State, CN=Document Signer', { ...longLived, key: testKey('p256', `dsc ${serial}`), serial })

/** A passport of 16 data groups, as a chip holds it. */
export function passport(signer: IssuedCertificate, choice: PassportChoice = {}) {
  const { state = 'UTO', hash = 'sha256', embed = true, signers = 1, signerChange, versionInfo } = choice
  const groups = Array.from({ length: 16 }, (_, i) => ({
    number: i + 1,
    content: i === 0 ? dg1Of(state) : new TextEncoder().encode(`data group ${i + 1}`),
  }))
  const content = buildLdsSecurityObject({ hash, dataGroups: groups, ...(versionInfo && { versionInfo }) })
  const signatureAlgorithm = signingAlgorithms[defaultAlgorithm(signer.key)].identifier
  const one = {
    certificate: signer.der,
    signatureAlgorithm,
    sign: (data: Uint8Array) => signBytes(data, signer.key),
    ...signerChange,
  }
  const cms = buildSignedData({
    contentType: oids.ldsSecurityObject,
    content,
    signers: Array.from({ length: signers }, () => one),
    certificates: embed ? [signer.der] : [],
  })
  const sod = buildSod(cms)
  const dataGroups = groups.map(group => ({ number: group.number, content: base64(group.content) }))
  const hashes = groups.map(group => ({
    number: group.number,
    hash: createHash(hash).update(group.content).digest('hex'),
  }))
  return { sod, cms, groups, hashes, body: { sod: base64(sod), dataGroups } }
}
