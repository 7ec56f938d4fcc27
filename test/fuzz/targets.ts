import { parseSignedData } from '../../layer/pki/src/cms/parse-signed-data.ts'
import { certificatesFromPkcs7 } from '../../layer/pki/src/cms/pkcs7.ts'
import { verifySignedData } from '../../layer/pki/src/cms/verify-signed-data.ts'
import { berRules, type DerElement, parseDer } from '../../layer/pki/src/der/reader.ts'
import { isPkiError } from '../../layer/pki/src/errors.ts'
import { parseLdsSecurityObject } from '../../layer/pki/src/icao/lds-security-object.ts'
import { masterListCertificates, parseMasterList } from '../../layer/pki/src/icao/master-list.ts'
import { issuingStateOfDg1 } from '../../layer/pki/src/icao/mrz.ts'
import { parseSod } from '../../layer/pki/src/icao/sod.ts'
import { parseCrl } from '../../layer/pki/src/revocation/crl.ts'
import { parseOcspRequest } from '../../layer/pki/src/revocation/ocsp-request.ts'
import { parseOcspResponse } from '../../layer/pki/src/revocation/ocsp-response.ts'
import { decodePssParameters } from '../../layer/pki/src/signature/pss-parameters.ts'
import { readPublicKey } from '../../layer/pki/src/signature/public-key.ts'
import { verifySignature } from '../../layer/pki/src/signature/verify.ts'
import { type Certificate, parseCertificate } from '../../layer/pki/src/x509/certificate.ts'
import { extensionDecoders, type KnownExtensionOid } from '../../layer/pki/src/x509/extensions/decoders.ts'
import { lenientCertificate } from '../../layer/pki/src/x509/lenient-certificate.ts'
import { type Name, parseName } from '../../layer/pki/src/x509/name.ts'
import { parsePem, readCertificates, toPem } from '../../layer/pki/src/x509/pem.ts'
import { activeAuthenticationTarget } from './active-authentication-target.ts'
import { mutate } from './mutate.ts'
import type { Random } from './random.ts'
import { createHierarchy, createSeeds, type Seeds } from './seeds.ts'
import { masterListTarget, passiveAuthenticationTarget, validateTarget } from './verdict-targets.ts'

/** Something that reads hostile bytes. */
export interface FuzzTarget {
  readonly name: string
  /** An input; bytes, so that it can be printed and given again. */
  generate(random: Random): Uint8Array
  /** Reads all there is to read. May throw a PkiError, and nothing else. */
  run(input: Uint8Array): void
  /** Not even that: whatever the bytes hold, there is an answer. */
  readonly alwaysAnswers?: boolean
}

/** All targets, over structures made for this run. */
export function createTargets(): readonly FuzzTarget[] {
  const hierarchy = createHierarchy()
  const seeds = createSeeds(hierarchy)
  const all = Object.values(seeds).flat()
  const parser = (name: string, inputs: readonly Uint8Array[], run: (input: Uint8Array) => void): FuzzTarget => ({
    name,
    generate: random => mutate(random.pick(inputs), random.pick(all), random),
    run,
  })
  return [
    parser('certificate', seeds.certificate, readCertificate),
    parser('crl', seeds.crl, readCrl),
    parser('ocsp-response', seeds.ocspResponse, readOcspResponse),
    parser('ocsp-request', seeds.ocspRequest, input => void parseOcspRequest(input)),
    parser('cms', seeds.cms, readCms),
    parser('master-list', seeds.masterList, readMasterList),
    parser('sod', seeds.sod, readSod),
    parser('der', all, input => attempt(() => walk(parseDer(input)))),
    parser('ber', all, input => attempt(() => walk(parseDer(input, berRules)))),
    parser('name', seeds.name, input => readName(parseName(input))),
    parser('lds-security-object', seeds.ldsSecurityObject, input => void parseLdsSecurityObject(input)),
    parser('public-key', seeds.publicKey, input => void readPublicKey(input)),
    parser('pss-parameters', seeds.pssParameters, input => void decodePssParameters(input)),
    parser('dg1', seeds.dg1, input => void issuingStateOfDg1(input)),
    pemTarget(seeds),
    validateTarget(hierarchy, all),
    masterListTarget(hierarchy, seeds, all),
    passiveAuthenticationTarget(hierarchy, seeds, all),
    activeAuthenticationTarget(all),
  ]
}

/** Passes over a coded error, so that what follows is read too. Everything else is a crash. */
function attempt(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!isPkiError(error)) throw error
  }
}

function readName(name: Name): void {
  attempt(() => name.rdns)
  attempt(() => name.canonical)
  attempt(() => name.toString())
  attempt(() => name.isWithin(name))
}

function readAll(certificate: Certificate): void {
  attempt(() => lenientCertificate(certificate))
  readName(certificate.subject)
  readName(certificate.issuer)
  for (const oid of Object.keys(extensionDecoders)) attempt(() => certificate.decode(oid as KnownExtensionOid))
  attempt(() => certificate.isSelfIssued)
  attempt(() => certificate.fingerprint)
  attempt(() => certificate.validityTags)
  attempt(() => JSON.stringify(certificate))
  attempt(() => {
    const { signatureAlgorithm, tbs, signature, subjectPublicKeyInfo } = certificate
    verifySignature({ algorithm: signatureAlgorithm, spki: subjectPublicKeyInfo.raw, data: tbs, signature })
  })
}

function readCertificate(input: Uint8Array): void {
  readAll(parseCertificate(input))
}

function readCrl(input: Uint8Array): void {
  const crl = parseCrl(input)
  readName(crl.issuer)
  attempt(() => crl.unknownCriticalExtension)
  attempt(() => {
    for (const entry of crl.entries ?? []) crl.entries?.find(entry.serialNumber, crl.issuer)
  })
}

function readOcspResponse(input: Uint8Array): void {
  for (const certificate of parseOcspResponse(input).basic?.certificates ?? []) readAll(certificate)
}

function readCms(input: Uint8Array): void {
  attempt(() => certificatesFromPkcs7(input))
  for (const tolerant of [false, true]) {
    attempt(() => verifySignedData(parseSignedData(input, { tolerant })))
  }
}

function readMasterList(input: Uint8Array): void {
  for (const tolerant of [false, true]) attempt(() => masterListCertificates(parseMasterList(input, { tolerant })))
}

function readSod(input: Uint8Array): void {
  for (const tolerant of [false, true]) attempt(() => parseSod(input, { tolerant, allowDataContentType: tolerant }))
}

function walk(element: DerElement): void {
  if (!element.constructed) return
  const reader = element.children()
  while (!reader.done) walk(reader.any())
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function pemTarget(seeds: Seeds): FuzzTarget {
  return {
    name: 'pem',
    generate(random) {
      const text = seeds.certificate.map(bytes => toPem('CERTIFICATE', bytes)).join(random.pick(['', '\n', 'text\r\n']))
      const bytes = Buffer.from(text, 'latin1')
      return mutate(bytes, Buffer.from('-----BEGIN X509 CRL-----\n=====\n-----END CERTIFICATE-----', 'latin1'), random)
    },
    run(input) {
      attempt(() => parsePem(textOf(input)))
      attempt(() => readCertificates(textOf(input)))
      attempt(() => readCertificates(input))
    },
  }
}
