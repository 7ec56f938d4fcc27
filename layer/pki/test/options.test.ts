import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { signedDataInputFields, signerInputFields } from '../src/cms/build-signed-data.ts'
import { cmsParseOptionsFields, verifySignedDataOptionsFields } from '../src/cms/types.ts'
import { derRulesFields } from '../src/der/reader.ts'
import { activeAuthenticationInputFields } from '../src/icao/active-authentication.ts'
import { ldsSecurityObjectInputFields, versionInfoFields } from '../src/icao/build.ts'
import { dataGroupFields } from '../src/icao/data-groups.ts'
import { examineDocumentInputFields } from '../src/icao/examine-document.ts'
import { passiveAuthenticationInputFields } from '../src/icao/passive-authentication.ts'
import { sodParseOptionsFields } from '../src/icao/sod.ts'
import { verifyMasterListInputFields } from '../src/icao/verify-master-list.ts'
import * as pki from '../src/index.ts'
import { validationInputFields } from '../src/options/validation-options.ts'
import { workLimitsFields } from '../src/path/budget.ts'
import { peerNameFields } from '../src/path/peer-name.ts'
import { policySettingsFields } from '../src/path/settings.ts'
import { anchorBindingFields, certificateAnchorInputFields, namedAnchorInputFields } from '../src/path/trust-anchor.ts'
import { ocspRequestInputFields } from '../src/revocation/ocsp-request.ts'
import { revocationPolicyFields } from '../src/revocation/types.ts'
import {
  algorithmIdentifierFields,
  signatureCompatibilityFields,
  signatureRequestFields,
} from '../src/signature/types.ts'
import * as T from '../src/testing/index.ts'
import { generalSubtreeFields, nameConstraintsFields } from '../src/x509/extensions/name-constraints.ts'
import { generalNameFields } from '../src/x509/general-name.ts'

/** The fields of every options object that the public functions take, by the name of its type. */
const optionFields = {
  ValidationInput: validationInputFields,
  PolicySettings: policySettingsFields,
  NameConstraints: nameConstraintsFields,
  GeneralSubtree: generalSubtreeFields,
  GeneralName: generalNameFields,
  PeerName: peerNameFields,
  NamedAnchorInput: namedAnchorInputFields,
  CertificateAnchorInput: certificateAnchorInputFields,
  AnchorBinding: anchorBindingFields,
  WorkLimits: workLimitsFields,
  RevocationPolicy: revocationPolicyFields,
  OcspRequestInput: ocspRequestInputFields,
  SignatureRequest: signatureRequestFields,
  AlgorithmIdentifier: algorithmIdentifierFields,
  SignatureCompatibility: signatureCompatibilityFields,
  SignedDataInput: signedDataInputFields,
  SignerInput: signerInputFields,
  SodParseOptions: sodParseOptionsFields,
  LdsSecurityObjectInput: ldsSecurityObjectInputFields,
  VersionInfo: versionInfoFields,
  DataGroup: dataGroupFields,
  ActiveAuthenticationInput: activeAuthenticationInputFields,
  ExamineDocumentInput: examineDocumentInputFields,
  PassiveAuthenticationInput: passiveAuthenticationInputFields,
  VerifyMasterListInput: verifyMasterListInputFields,
  DerRules: derRulesFields,
  CmsParseOptions: cmsParseOptionsFields,
  VerifySignedDataOptions: verifySignedDataOptionsFields,
}
type OptionsName = keyof typeof optionFields

const root = T.createRoot('C=UT, CN=Root')
const leaf = root.issue('C=UT, CN=Leaf')
const certificate = pki.parseCertificate(leaf.der)
const issuer = pki.parseCertificate(root.der)
const algorithm = { oid: '1.2.840.10045.4.3.2', parameters: Uint8Array.of(5, 0) }
const policy = { digestInfoWithoutNull: false, explicitCurves: false }
const keyCache = pki.createKeyCache()
const constraints = {
  permitted: [{ base: { kind: 'dNSName', value: 'host.test' }, minimum: 0, maximum: undefined }],
  excluded: [
    { base: { kind: 'otherName', typeId: '1.2.3', value: Uint8Array.of(5, 0) }, minimum: 0, maximum: undefined },
  ],
} as const
const binding = {
  validity: true,
  basicConstraints: true,
  keyUsage: true,
  extendedKeyUsage: true,
  nameConstraints: true,
  policies: true,
  criticalExtensions: true,
  certificateProfile: true,
}
const anchors = [
  { name: issuer.subject.raw, publicKey: root.key.spki, nameConstraints: constraints },
  { certificate: root.der, binding, nameConstraints: constraints },
]
const limits = { maxSteps: 1000, maxSignatureChecks: 10, maxAttempts: 3 }
const revocation = {
  mode: 'required',
  maximumAgeSeconds: 60,
  ageWithoutNextUpdateSeconds: 60,
  clockSkewSeconds: 1,
  indirectCrls: true,
  deltaCrls: true,
  laterEvidence: false,
  ocspNonce: Uint8Array.of(1),
} as const
const validation = {
  anchors,
  time: T.testTime,
  revocation,
  crls: [],
  ocspResponses: [],
  evidence: undefined,
  limits,
  keyCache,
  signatureMemo: pki.createSignatureMemo(),
  maxIntermediates: 3,
  compatibilities: [],
} as const
const dataGroups = [
  { number: 1, content: Uint8Array.of(1) },
  { number: 2, content: Uint8Array.of(2) },
]
const signer = {
  certificate: leaf.der,
  sid: 'subjectKeyIdentifier',
  digest: 'sha256',
  signatureAlgorithm: pki.derWriter.sequence(pki.derWriter.oid('1.2.840.10045.4.3.2')),
  sign: () => Uint8Array.of(0),
  signingTime: new Date(0),
  attributes: [],
  withoutAttributes: false,
} as const
const signedData = () =>
  pki.parseSignedData(pki.buildSignedData({ contentType: pki.oids.data, content: Uint8Array.of(1), signers: [signer] }))

/** What `verifySignedData` takes; the parsers take it too. */
const forBoth = {
  content: undefined,
  contentType: pki.oids.data,
  certificates: [],
  tolerant: false,
  policy: undefined,
  keyCache,
}

interface Options {
  /** Types of the objects that the example holds, itself first. */
  readonly types: readonly OptionsName[]
  /** With every field that there is. */
  readonly example: object
  // biome-ignore lint/suspicious/noExplicitAny: the point is to hand in what the types forbid.
  readonly call: (options: any) => unknown
}

const validationOptions = [
  'RevocationPolicy',
  'WorkLimits',
  'NamedAnchorInput',
  'CertificateAnchorInput',
  'AnchorBinding',
  'NameConstraints',
  'GeneralSubtree',
  'GeneralName',
] as const

/** Every public function that takes an options object. */
const withOptions: Readonly<Record<string, Options>> = {
  validateCertificate: {
    types: ['ValidationInput', ...validationOptions, 'PolicySettings', 'PeerName'],
    example: {
      ...validation,
      target: leaf.der,
      intermediates: [],
      profile: 'rfc5280',
      serverName: 'host.test',
      peerNames: [{ kind: 'dns', value: 'host.test' }],
      purposes: [],
      keyUsage: [],
      policies: {
        initialPolicySet: [],
        requireExplicitPolicy: false,
        inhibitPolicyMapping: false,
        inhibitAnyPolicy: false,
      },
      nameConstraints: constraints,
      conformance: false,
    },
    call: pki.validateCertificate,
  },
  passiveAuthentication: {
    types: ['PassiveAuthenticationInput', ...validationOptions, 'DataGroup'],
    example: { ...validation, certificates: [], sod: Uint8Array.of(1), dataGroups, issuingState: 'UTO' },
    call: pki.passiveAuthentication,
  },
  examineDocument: {
    types: ['ExamineDocumentInput'],
    example: { sod: Uint8Array.of(1), dataGroupHashes: [], signer: certificate, compatibilities: [] },
    call: pki.examineDocument,
  },
  verifyActiveAuthentication: {
    types: ['ActiveAuthenticationInput'],
    example: {
      dg15: Uint8Array.of(1),
      dg14: Uint8Array.of(1),
      challenge: new Uint8Array(8),
      response: Uint8Array.of(1),
    },
    call: pki.verifyActiveAuthentication,
  },
  verifyMasterList: {
    types: ['VerifyMasterListInput', ...validationOptions],
    example: { ...validation, certificates: [], masterList: Uint8Array.of(1) },
    call: pki.verifyMasterList,
  },
  buildLdsSecurityObject: {
    types: ['LdsSecurityObjectInput', 'DataGroup', 'VersionInfo'],
    example: { hash: 'sha256', dataGroups, versionInfo: { ldsVersion: '0108', unicodeVersion: '040000' } },
    call: pki.buildLdsSecurityObject,
  },
  buildSignedData: {
    types: ['SignedDataInput', 'SignerInput'],
    example: {
      contentType: pki.oids.data,
      content: Uint8Array.of(1),
      signers: [signer],
      certificates: [],
      crls: [],
      detached: false,
    },
    call: pki.buildSignedData,
  },
  parseSignedData: {
    types: ['CmsParseOptions'],
    example: forBoth,
    call: options => pki.parseSignedData(Uint8Array.of(1), options),
  },
  parseMasterList: {
    types: ['CmsParseOptions'],
    example: forBoth,
    call: options => pki.parseMasterList(Uint8Array.of(1), options),
  },
  parseSod: {
    types: ['SodParseOptions'],
    example: { tolerant: true, allowDataContentType: true, allowMissingTag: true },
    call: options => pki.parseSod(Uint8Array.of(1), options),
  },
  verifySignedData: {
    types: ['VerifySignedDataOptions', 'SignatureCompatibility'],
    example: { ...forBoth, policy },
    call: options => pki.verifySignedData(signedData(), options),
  },
  verifySignature: {
    types: ['SignatureRequest', 'SignatureCompatibility', 'AlgorithmIdentifier'],
    example: { algorithm, spki: root.key.spki, data: leaf.der, signature: leaf.der, policy, keyCache },
    call: pki.verifySignature,
  },
  buildOcspRequest: {
    types: ['OcspRequestInput'],
    example: { certificate, issuer, hash: 'sha256', nonce: Uint8Array.of(1) },
    call: pki.buildOcspRequest,
  },
  matchPeerName: {
    types: ['PeerName'],
    example: { kind: 'dns', value: 'host.test' },
    call: options => pki.matchPeerName(certificate, options),
  },
  parseDer: {
    types: ['DerRules'],
    example: { ber: false, maxDepth: 64, maxBytes: 1000 },
    call: options => pki.parseDer(Uint8Array.of(5, 0), options),
  },
}

/** Every other public function: bytes, texts, numbers, lists of them, or objects that this package made. */
const withoutOptions: readonly string[] = [
  'attribute',
  'buildMasterList',
  'buildSod',
  'certificatesFromPkcs7',
  'createKeyCache',
  'createSignatureMemo',
  'decodeOid',
  'encodeOid',
  'explainVerdict',
  'formatIpAddress',
  'importPublicKey',
  'isPkiError',
  'keyUsageNames',
  'certificatesOfSigners',
  'compareIssuingState',
  'issuingStateOfDg1',
  'stateInDg1',
  'masterListCertificates',
  'readSodOfOneSigner',
  'ocspNonceAnswer',
  'oidName',
  'parseCertificate',
  'parseCrl',
  'parseIpAddress',
  'parseName',
  'parseOcspRequest',
  'parseOcspResponse',
  'parsePem',
  'peerNameOfHost',
  'prepareEvidence',
  'profileByName',
  'readCertificates',
  'readPublicKey',
  'toPem',
]

const isClass = (value: unknown): boolean => /^class\b/.test(String(value))
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Objects of this package that a caller only passes on. */
const opaque: readonly unknown[] = [keyCache, validation.signatureMemo]

/** Copies of the example, each with one more field in one of the objects in it. */
function* planted(value: unknown, path = ''): Iterable<{ readonly path: string; readonly copy: unknown }> {
  if (opaque.includes(value)) return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const inner of planted(item, path === '' ? `${index}` : `${path}.${index}`)) {
        yield { path: inner.path, copy: value.with(index, inner.copy) }
      }
    }
  }
  if (!isPlain(value)) return
  yield { path: path === '' ? 'unheardOf' : `${path}.unheardOf`, copy: { ...value, unheardOf: 1 } }
  for (const [field, item] of Object.entries(value)) {
    for (const inner of planted(item, path === '' ? field : `${path}.${field}`)) {
      yield { path: inner.path, copy: { ...value, [field]: inner.copy } }
    }
  }
}

describe('an unknown field in options is refused', () => {
  test('by every public function that takes options', () => {
    const functions = Object.entries(pki).filter(([, value]) => typeof value === 'function' && !isClass(value))
    assert.deepEqual(
      functions.map(([name]) => name).sort(),
      [...Object.keys(withOptions), ...withoutOptions].sort(),
      'a new public function says here whether it takes options',
    )
  })

  for (const [name, { types, example, call }] of Object.entries(withOptions)) {
    test(name, () => {
      const { evidence: _evidence, ...usable } = example as Record<string, unknown>
      assert.doesNotThrow(() => attempt(() => call(usable)), 'the example itself is taken')
      const [own] = types
      assert.ok(own)
      assert.deepEqual([...optionFields[own]].sort(), Object.keys(example).sort(), 'the example has every field')
      const paths: string[] = []
      for (const { path, copy } of planted(example)) {
        paths.push(path)
        assert.throws(
          () => call(copy),
          error => pki.isPkiError(error, 'argument_invalid') && error.details['field'] === path,
          path,
        )
      }
      assert.ok(paths.length >= types.length, `${paths}`)
    })
  }

  test('each type of options stands in an example', () => {
    const used = new Set(Object.values(withOptions).flatMap(({ types }) => types))
    assert.deepEqual(
      Object.keys(optionFields).filter(name => !used.has(name as OptionsName)),
      [],
    )
  })

  test('with the nearest field that there is, or all of them', () => {
    const refused = (given: object) => {
      try {
        pki.validateCertificate({ target: leaf.der, anchors: [], profile: 'rfc5280', ...given })
      } catch (error) {
        if (pki.isPkiError(error, 'argument_invalid')) return [error.details['field'], error.details['nearest']]
        throw error
      }
      return undefined
    }
    assert.deepEqual(refused({ revocation: { mode: 'required', maxAgeSeconds: 60 } }), [
      'revocation.maxAgeSeconds',
      'maximumAgeSeconds',
    ])
    assert.deepEqual(refused({ servername: 'host.test' }), ['servername', 'serverName'])
    assert.deepEqual(refused({ limits: { maxStep: 1 } }), ['limits.maxStep', 'maxSteps'])
    assert.deepEqual(refused({ purpose: [] }), ['purpose', 'purposes'])
    assert.deepEqual(refused({ xyzzy: 1 }), ['xyzzy', undefined])
    assert.deepEqual(refused({ ['x'.repeat(100_000)]: 1 }), ['x'.repeat(60), undefined])
  })
})

/** What is malformed in an example, on purpose, is no matter here. */
function attempt(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!pki.isPkiError(error) || error.code === 'argument_invalid') throw error
  }
}
