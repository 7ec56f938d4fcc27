import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import * as T from '../testing/index.ts'
import { findingTable } from '../verdict/findings.ts'
import { purposeOids, validateCertificate } from '../verdict/validate-certificate.ts'
import type { ValidationInput } from '../verdict/validation-input.ts'
import { profileByName, profiles } from './profiles.ts'
import type { ProfileName } from './types.ts'

interface Chain {
  readonly root?: T.AuthorityOptions & { readonly name?: string }
  readonly ca?: T.AuthorityOptions & { readonly name?: string }
  readonly leaf?: T.IssueOptions & { readonly name?: string }
}

/** Codes of the errors of a chain of three, or `valid`. */
function judge(profile: ProfileName, chain: Chain, input: Partial<ValidationInput> = {}): string {
  const root = T.createRoot(chain.root?.name ?? 'C=UT, CN=Root', chain.root)
  const ca = root.subordinate(chain.ca?.name ?? 'C=UT, CN=CA', chain.ca)
  const target = ca.issue(chain.leaf?.name ?? 'C=UT, CN=Leaf', chain.leaf)
  const verdict = validateCertificate({
    target: target.der,
    intermediates: [ca.der],
    anchors: [root.der],
    profile,
    time: T.testTime,
    ...input,
  })
  if (verdict.valid) return 'valid'
  return verdict.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, certificate }) => `${code}@${certificate}`)
    .join(' ')
}

const san = (...names: T.GeneralNameInput[]): Uint8Array => T.subjectAltName(names)
const server = T.extendedKeyUsage(['serverAuth'])
const key = (kind: T.TestKeyKind): T.TestKey => T.testKey(kind, 'profiles')

describe('the table of profiles', () => {
  test('names each by its key, and refuses others', () => {
    for (const [name, profile] of Object.entries(profiles)) assert.equal(profile.name, name)
    assert.throws(
      () => profileByName('constructor'),
      error => isPkiError(error, 'argument_invalid'),
    )
  })

  test('has a clause for every finding of its rules', () => {
    for (const { rules } of Object.values(profiles)) for (const { code } of rules) assert.ok(findingTable[code])
  })
})

describe('webpki', () => {
  const host = 'host.test'
  const web = (leaf: T.IssueOptions & { name?: string }, rest: Omit<Chain, 'leaf'> = {}): string =>
    judge('webpki', { ...rest, leaf: { name: `C=UT, CN=${host}`, ...leaf } }, { serverName: host })
  const good = { extra: [san({ dns: host }), server] }

  test('accepts the certificate of a server', () => {
    assert.equal(web(good), 'valid')
    assert.equal(web({ extra: [T.subjectAltName([{ dns: host }], true), server], name: '' }), 'valid')
    assert.equal(
      web({ extra: [san({ dns: host }, { ip: [192, 0, 2, 1] }), T.extendedKeyUsage(['serverAuth', 'clientAuth'])] }),
      'valid',
    )
    assert.equal(web({ ...good, key: key('rsa-2048') }), 'valid')
  })

  for (const [what, leaf, expected] of [
    ['no subjectAltName', { extra: [server] }, 'subject_alt_name_missing@0 peer_name_mismatch@0'],
    ['no extKeyUsage', { extra: [san({ dns: host })] }, 'purpose_missing@0 purpose_not_allowed@0'],
    [
      'another purpose',
      { extra: [san({ dns: host }), T.extendedKeyUsage(['clientAuth'])] },
      'purpose_missing@0 purpose_not_allowed@0',
    ],
    [
      'any purpose beside',
      { extra: [san({ dns: host }), T.extendedKeyUsage(['serverAuth', 'any'])] },
      'purpose_forbidden@0',
    ],
    [
      'code signing beside',
      { extra: [san({ dns: host }), T.extendedKeyUsage(['serverAuth', 'codeSigning'])] },
      'purpose_forbidden@0',
    ],
    [
      'a critical extKeyUsage',
      { extra: [san({ dns: host }), T.extendedKeyUsage(['serverAuth'], true)] },
      'purpose_critical@0',
    ],
    [
      'a critical subjectAltName',
      { extra: [T.subjectAltName([{ dns: host }], true), server] },
      'subject_alt_name_critical@0',
    ],
    ['a subject missing and subjectAltName not critical', { ...good, name: '' }, 'subject_alt_name_not_critical@0'],
    ['a mailbox', { extra: [san({ dns: host }, { email: 'a@b.test' }), server] }, 'subject_alt_name_form@0'],
    ['an underscore', { extra: [san({ dns: host }, { dns: 'a_b.test' }), server] }, 'subject_alt_name_malformed@0'],
    [
      'a wildcard of a top-level domain',
      { extra: [san({ dns: host }, { dns: '*.test' }), server] },
      'wildcard_of_public_suffix@0',
    ],
    ['a bare wildcard', { extra: [san({ dns: host }, { dns: '*' }), server] }, 'subject_alt_name_malformed@0'],
    ['a common name of its own', { ...good, name: 'CN=other.test' }, 'common_name_not_in_subject_alt_name@0'],
    ['a common name in another case', { ...good, name: 'CN=Host.test' }, 'common_name_not_in_subject_alt_name@0'],
    ['two common names', { ...good, name: `CN=${host}, CN=${host}` }, 'common_name_repeated@0'],
    ['a serial number of zero', { ...good, serial: 0 }, 'serial_number_invalid@0'],
    ['a serial number of 21 octets', { ...good, serial: 1n << 164n }, 'serial_number_invalid@0'],
    ['a short RSA key', { ...good, key: key('rsa-1024') }, 'key_forbidden@0'],
    ['a curve of its own', { ...good, key: key('brainpoolP256r1') }, 'key_forbidden@0'],
    ['a curve spelt out', { ...good, key: key('p256-explicit') }, 'key_forbidden@0'],
    ['an EdDSA key', { ...good, key: key('ed25519') }, 'key_forbidden@0'],
    [
      'a critical key identifier',
      {
        extensions: [
          T.extension(
            oids.authorityKeyIdentifier,
            der.sequence(der.implicit(0, der.octetString(Uint8Array.of(1)))),
            true,
          ),
          ...good.extra,
        ],
      },
      'extension_critical@0',
    ],
    [
      'a malformed authorityInfoAccess',
      { extra: [...good.extra, T.extension(oids.authorityInfoAccess, Buffer.from('malformed'))] },
      'extension_malformed@0',
    ],
    [
      'nameConstraints',
      { extra: [...good.extra, T.nameConstraints({ permitted: [{ dns: 'test' }] })] },
      'name_constraints_misplaced@0',
    ],
    [
      'keyUsage without a bit',
      {
        extensions: [
          T.authorityKeyIdentifier({ key: Uint8Array.of(1) }),
          T.extension(oids.keyUsage, Uint8Array.of(3, 1, 0), true),
          ...good.extra,
        ],
      },
      'key_usage_empty@0',
    ],
  ] as const satisfies readonly (readonly [string, T.IssueOptions & { name?: string }, string])[]) {
    test(`refuses ${what}`, () => assert.equal(web(leaf), expected))
  }

  test('refuses a CA in the place of a server', () => {
    const extensions = [
      T.basicConstraints(),
      T.keyUsage(['digitalSignature']),
      T.subjectKeyIdentifier(Uint8Array.of(1)),
      T.authorityKeyIdentifier({ key: Uint8Array.of(1) }),
      ...good.extra,
    ]
    assert.equal(web({ extensions }), 'end_entity_is_ca@0')
  })

  test('lets a CA leave nameConstraints not critical, which RFC 5280 does not', () => {
    const ca = { extra: [T.nameConstraints({ permitted: [{ dns: 'test' }] }, false)] }
    assert.equal(web(good, { ca }), 'valid')
    assert.equal(judge('rfc5280', { ca, leaf: good }, { serverName: host }), 'extension_not_critical@1')
  })

  test('holds roots to their own rules', () => {
    assert.equal(web(good, { root: { extra: [server] } }), 'purpose_in_root@2')
    const other = T.authorityKeyIdentifier({ key: Uint8Array.of(9) })
    assert.equal(web(good, { root: { extra: [other] } }), 'authority_key_identifier_of_root@2')
    assert.equal(web(good, { root: { key: key('rsa-1024') } }), 'key_forbidden@2')
  })

  test('refuses the same chain that another profile accepts', () => {
    const chain: Chain = { leaf: { key: key('brainpoolP256r1'), extra: [T.extendedKeyUsage(['clientAuth'])] } }
    assert.equal(judge('mtls-client', chain), 'valid')
    assert.notEqual(judge('webpki', chain), 'valid')
  })

  test('takes no indirect CRL', () => {
    const root = T.createRoot('C=UT, CN=Root')
    const target = root.issue(`C=UT, CN=${host}`, good).der
    const check = (crl: Uint8Array): boolean =>
      validateCertificate({
        target,
        anchors: [root.der],
        profile: 'webpki',
        time: T.testTime,
        crls: [crl],
        revocation: 'required',
      }).valid
    assert.equal(check(root.crl({ extensions: [T.crlNumber(1)] })), true)
    assert.equal(check(root.crl({ extensions: [] })), false)
    assert.equal(
      check(root.crl({ extensions: [T.crlNumber(1), T.issuingDistributionPoint({ indirectCrl: true })] })),
      false,
    )
  })
})

describe('rfc5280 for a peer', () => {
  const host = { serverName: 'host.test' }
  const leaf = { extra: [san({ dns: 'host.test' })] }

  test('holds CAs to section 4 of RFC 5280', () => {
    const key2 = T.testKey('p256', 'C=UT, CN=CA')
    const id = [T.subjectKeyIdentifier(key2), T.authorityKeyIdentifier({ key: Uint8Array.of(1) })]
    const usage = T.keyUsage(['keyCertSign'])
    const ca = (...extensions: Uint8Array[]): Chain => ({ ca: { extensions }, leaf })
    assert.equal(judge('rfc5280', ca(T.basicConstraints(), usage, ...id), host), 'valid')
    assert.equal(
      judge('rfc5280', ca(T.basicConstraints({ ca: true, critical: false }), usage, ...id), host),
      'extension_not_critical@1',
    )
    assert.equal(
      judge('rfc5280', ca(T.basicConstraints(), usage, id[0] as Uint8Array), host),
      'authority_key_identifier_missing@1',
    )
    assert.equal(
      judge('rfc5280', ca(T.basicConstraints(), usage, id[1] as Uint8Array), host),
      'subject_key_identifier_missing@1',
    )
    assert.equal(
      judge(
        'rfc5280',
        ca(T.basicConstraints(), usage, ...id, T.policyConstraints({ requireExplicitPolicy: 9 }, false)),
        host,
      ),
      'extension_not_critical@1',
    )
  })

  test('refuses SHA-1, which the path algorithm alone does not', () => {
    const chain: Chain = {
      ca: { key: key('rsa-2048') },
      leaf: { ...leaf, algorithm: 'rsa-sha1' },
    }
    assert.equal(judge('rfc5280', chain), 'valid')
    assert.equal(judge('rfc5280', chain, host), 'signature_algorithm_forbidden@0')
  })

  test('refuses usages that a key cannot serve', () => {
    const mldsa: Chain = {
      leaf: {
        key: key('ml-dsa-44'),
        extensions: [
          T.keyUsage(['digitalSignature', 'keyAgreement']),
          T.authorityKeyIdentifier({ key: Uint8Array.of(1) }),
          ...leaf.extra,
        ],
      },
    }
    assert.equal(judge('rfc5280', mldsa, host), 'key_usage_of_key_type@0')
  })
})

describe('travel documents', () => {
  const csca = { name: 'C=UT, CN=CSCA', pathLength: 0 }

  function document(
    leaf: T.IssueOptions & { name?: string },
    profile: ProfileName = 'icao-dsc',
    root: T.AuthorityOptions & { name?: string } = csca,
  ): string {
    const authority = T.createRoot(root.name ?? csca.name, root)
    const target = authority.issue(leaf.name ?? 'C=UT, CN=Signer', leaf).der
    const verdict = validateCertificate({ target, anchors: [authority.der], profile, time: T.testTime })
    return verdict.valid ? 'valid' : verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(' ')
  }

  test('a document signer of the same country', () => {
    assert.equal(document({}), 'valid')
    assert.equal(document({ name: 'C=ut, CN=Signer' }), 'valid')
    assert.equal(document({ name: 'C=XX, CN=Signer' }), 'country_mismatch@0')
    assert.equal(document({ name: 'CN=Signer' }), 'country_missing@0 country_mismatch@0')
  })

  test('on a curve that is spelt out, which the Web PKI forbids', () => {
    const curve = key('brainpoolP256r1-explicit')
    assert.equal(document({}, 'icao-dsc', { ...csca, key: curve }), 'valid')
    assert.match(document({}, 'webpki', { ...csca, key: curve }), /key_forbidden@1/)
    assert.equal(document({}, 'rfc5280', { ...csca, key: curve }), 'key_forbidden@1')
  })

  test('a signer is no CA and signs', () => {
    const id = T.authorityKeyIdentifier({ key: Uint8Array.of(1) })
    assert.equal(document({ extensions: [T.keyUsage(['keyAgreement']), id] }), 'key_usage_not_exact@0')
    assert.equal(document({ extensions: [T.keyUsage(['digitalSignature'])] }), 'authority_key_identifier_missing@0')
    assert.equal(
      document({ extensions: [T.basicConstraints(), T.keyUsage(['digitalSignature']), id] }),
      'end_entity_is_ca@0',
    )
  })

  test('a master list signer has its purpose', () => {
    assert.equal(document({ extra: [T.extendedKeyUsage(['masterListSigning'], true)] }, 'master-list-signer'), 'valid')
    assert.equal(document({}, 'master-list-signer'), 'purpose_not_allowed@0')
    assert.equal(document({ extra: [T.extendedKeyUsage(['any'])] }, 'master-list-signer'), 'purpose_not_allowed@0')
  })

  test('a link certificate leads from the old key of a CSCA to the new one', () => {
    const old = T.createRoot(csca.name, { pathLength: 0, key: T.testKey('p256', 'old') })
    const link = old.subordinate(csca.name, { pathLength: 0, key: T.testKey('p256', 'new') })
    const target = link.issue('C=UT, CN=Signer').der
    const base = { anchors: [old.der], intermediates: [link.der], time: T.testTime } as const
    assert.equal(validateCertificate({ ...base, target, profile: 'icao-dsc' }).valid, true)
    assert.equal(validateCertificate({ ...base, target: link.der, profile: 'icao-csca' }).valid, true)
    assert.equal(validateCertificate({ ...base, target, profile: 'icao-csca' }).valid, false)
  })
})

test('a CSCA that changed its name is still the same CA', () => {
  const old = T.createRoot('C=UT, CN=Old Name', { pathLength: 0 })
  const nameChange = T.extension(oids.nameChange, der.nullValue())
  const check = (extra: Uint8Array[], profile: ProfileName): boolean => {
    const link = old.subordinate('C=UT, CN=New Name', { pathLength: 0, extra })
    const target = link.issue('C=UT, CN=Signer').der
    return validateCertificate({ target, intermediates: [link.der], anchors: [old.der], profile, time: T.testTime })
      .valid
  }
  assert.equal(check([nameChange], 'icao-dsc'), true)
  assert.equal(check([], 'icao-dsc'), false)
  assert.equal(check([nameChange], 'rfc5280'), false)
})

describe('signers by purpose', () => {
  const eku = (...usages: string[]): T.IssueOptions => ({ extra: [T.extendedKeyUsage(usages)] })
  const critical = (...usages: string[]): T.IssueOptions => ({ extra: [T.extendedKeyUsage(usages, true)] })
  for (const [profile, leaf, expected] of [
    ['code-signing', eku('codeSigning'), 'valid'],
    ['code-signing', {}, 'purpose_not_allowed@0'],
    ['code-signing', eku('any'), 'purpose_not_allowed@0'],
    ['timestamping', critical('timeStamping'), 'valid'],
    ['timestamping', eku('timeStamping'), 'purpose_not_alone@0'],
    ['timestamping', critical('timeStamping', 'codeSigning'), 'purpose_not_alone@0'],
    ['ocsp', eku('ocspSigning'), 'valid'],
    ['ocsp', eku('serverAuth'), 'purpose_not_allowed@0'],
    ['mtls-client', eku('clientAuth'), 'valid'],
    ['mtls-client', eku('serverAuth'), 'purpose_not_allowed@0'],
  ] as const satisfies readonly (readonly [ProfileName, T.IssueOptions, string])[]) {
    test(`${profile}: ${expected}`, () => assert.equal(judge(profile, { leaf }), expected))
  }
})

describe('e-mail as a purpose', () => {
  const email = { purposes: [purposeOids.emailProtection] }
  const name = san({ email: 'a@b.test' })
  const mail = (leaf: T.IssueOptions): string => judge('rfc5280', { leaf }, email)

  test('asks for what the S/MIME requirements ask for', () => {
    const purpose = T.extendedKeyUsage(['emailProtection'])
    assert.equal(mail({ extra: [name, purpose] }), 'valid')
    assert.equal(mail({ extra: [purpose] }), 'smime_certificate@0')
    assert.equal(mail({ extra: [name] }), 'smime_purpose@0')
    assert.equal(mail({ extra: [name, T.extendedKeyUsage(['emailProtection', 'serverAuth'])] }), 'smime_purpose@0')
    assert.equal(mail({ extra: [name, purpose], key: key('rsa-1024') }), 'key_forbidden@0')
  })
})
