import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDer } from '../../der/reader.ts'
import * as der from '../../der/writer.ts'
import { encodePssParameters } from '../../signature/pss-parameters.ts'
import { signatureAlgorithms, signatureParameterFault } from '../../signature/signature-algorithms.ts'
import * as T from '../../testing/index.ts'
import { validateCertificate } from '../../verdict/validate-certificate.ts'
import type { ValidationInput } from '../../verdict/validation-input.ts'
import { readAlgorithmIdentifier } from '../../x509/algorithm-identifier.ts'

const nullParameters = der.nullValue()
const other = der.sequence()
const identifier = (oid: string, ...parameters: Uint8Array[]) => der.sequence(der.oid(oid), ...parameters)
const ecdsaSha256 = '1.2.840.10045.4.3.2'
const rsaSha256 = '1.2.840.113549.1.1.11'
const pssOid = '1.2.840.113549.1.1.10'
const sha256Oid = '2.16.840.1.101.3.4.2.1'

/** Codes of a chain of two, or `valid`. */
function judge(leaf: T.IssueOptions, input: Partial<ValidationInput>, root: T.AuthorityOptions = {}): string {
  const authority = T.createRoot('C=UT, CN=Root', root)
  const extra = [T.subjectAltName([{ dns: 'host.test' }]), T.extendedKeyUsage(['serverAuth'])]
  const target = authority.issue('C=UT, CN=host.test', { extra, ...leaf })
  const { valid, findings } = validateCertificate({
    target: target.der,
    anchors: [authority.der],
    profile: 'rfc5280',
    time: T.testTime,
    ...input,
  })
  return valid ? 'valid' : [...new Set(findings.map(({ code, certificate }) => `${code}@${certificate}`))].join(' ')
}

const conforming = { conformance: true } as const
const webpki = { profile: 'webpki', serverName: 'host.test' } as const
const refused = 'algorithm_parameters@0'
const rsaRoot = { key: T.testKey('rsa-2048') }

describe('parameters of signature algorithms', () => {
  test('each row of the table: NULL, absent and anything else, at each level', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      rsaSignature: ['null absent', 'null absent', 'null'],
      ecdsaSignature: ['null absent', 'absent', 'absent'],
      dsaSignature: ['null absent', 'absent', 'absent'],
      pureSignature: ['absent', 'absent', 'absent'],
    }
    for (const { oid, name, parameters: rule } of signatureAlgorithms) {
      if (rule === 'pssSignature') continue
      for (const [index, level] of (['read', 'conforming', 'exact'] as const).entries()) {
        const forms = { null: nullParameters, absent: undefined, other: other }
        const passed = Object.entries(forms).filter(([, parameters]) => {
          const algorithm = parameters === undefined ? { oid } : { oid, parameters }
          return signatureParameterFault(algorithm, level) === undefined
        })
        assert.equal(passed.map(([form]) => form).join(' '), allowed[rule]?.[index], `${name} ${level}`)
      }
    }
  })

  test('ECDSA with NULL is refused by conformance and webpki, and read otherwise', () => {
    const leaf = { identifier: identifier(ecdsaSha256, nullParameters) }
    assert.equal(judge(leaf, {}), 'valid')
    assert.equal(judge(leaf, { profile: 'mtls-client', purposes: [] }).includes('algorithm_parameters'), false)
    assert.equal(judge(leaf, conforming), refused)
    assert.equal(judge(leaf, { serverName: 'host.test' }), refused)
    assert.equal(judge(leaf, webpki), refused)
  })

  test('RSA without NULL is read under rfc5280, as every reader must, and refused by webpki', () => {
    const leaf = { identifier: identifier(rsaSha256) }
    assert.equal(judge(leaf, conforming, rsaRoot), 'valid')
    assert.equal(judge(leaf, webpki, rsaRoot), refused)
    assert.equal(judge({}, webpki, rsaRoot), 'valid')
  })

  test('RSASSA-PSS: DER, and under webpki one of the three encodings', () => {
    const usual = { hash: 'sha256', mgfHash: 'sha256', saltLength: 32 } as const
    const pss = (parameters: Uint8Array) => ({
      algorithm: 'pss-sha256' as const,
      identifier: identifier(pssOid, parameters),
    })
    const withoutNull = pss(encodePssParameters(usual, { hashNull: false, mgfNull: true }))
    const mask = der.sequence(der.oid('1.2.840.113549.1.1.8'), identifier(sha256Oid, nullParameters))
    const writtenTrailer = pss(
      der.sequence(
        der.explicit(0, identifier(sha256Oid, nullParameters)),
        der.explicit(1, mask),
        der.explicit(2, der.integer(32)),
        der.explicit(3, der.integer(1)),
      ),
    )
    assert.deepEqual(parseDer(encodePssParameters(usual)).raw, parametersOf('pss-sha256'))
    for (const [leaf, any, strict, web] of [
      [{ algorithm: 'pss-sha256' }, 'valid', 'valid', 'valid'],
      [withoutNull, 'valid', 'valid', refused],
      [writtenTrailer, 'valid', refused, refused],
    ] as const) {
      assert.equal(judge(leaf, {}, rsaRoot), any)
      assert.equal(judge(leaf, conforming, rsaRoot), strict)
      assert.equal(judge(leaf, webpki, rsaRoot), web)
    }
    assert.match(judge(pss(nullParameters), {}, rsaRoot), /malformed@0/)
  })

  test('a CRL that is signed with ECDSA and NULL is no evidence where conformance is enforced', () => {
    const root = T.createRoot('C=UT, CN=Root')
    const target = root.issue('C=UT, CN=Leaf')
    const input = { target: target.der, anchors: [root.der], time: T.testTime, profile: 'rfc5280' } as const
    const crls = [root.crl({ identifier: identifier(ecdsaSha256, nullParameters) })]
    assert.equal(validateCertificate({ ...input, crls, revocation: 'required' }).valid, true)
    assert.equal(validateCertificate({ ...input, crls, revocation: 'required', conformance: true }).valid, false)
  })
})

describe('parameters of keys', () => {
  const keyed = (spki: Uint8Array) => ({ key: { ...T.testKey('rsa-2048', 'leaf'), spki } })
  const bits = der.bitString(T.publicKeyBits(T.testKey('rsa-2048', 'leaf').spki))

  test('rsaEncryption without NULL', () => {
    const leaf = keyed(der.sequence(identifier('1.2.840.113549.1.1.1'), bits))
    assert.equal(judge(leaf, {}), 'valid')
    assert.equal(judge(leaf, conforming), refused)
    assert.equal(judge(leaf, webpki), refused)
    assert.match(judge(keyed(der.sequence(identifier('1.2.840.113549.1.1.1', other), bits)), {}), /key_malformed@0/)
  })

  test('id-RSASSA-PSS is a key under rfc5280 and none under webpki', () => {
    const leaf = { key: T.testKey('rsa-pss-2048') }
    assert.equal(judge(leaf, conforming), 'valid')
    assert.equal(judge(leaf, webpki), refused)
  })
})

function parametersOf(name: T.SigningAlgorithmName): Uint8Array | undefined {
  return readAlgorithmIdentifier(parseDer(T.signingAlgorithms[name].identifier)).parameters
}
