import * as ca from '../../../layer/pki/src/testing/index.ts'

/** A chain of RSA-2048 certificates, as bytes, with what a right validator says about it. */
export interface BenchChain {
  readonly name: string
  readonly valid: boolean
  readonly leaf: Uint8Array
  /** Nearest to the leaf first. */
  readonly intermediates: readonly Uint8Array[]
  readonly root: Uint8Array
  /** CRLs of root and intermediate; only for the case that is about revocation. */
  readonly crls?: readonly Uint8Array[]
}

const rsa = (label: string) => ca.testKey('rsa-2048', label)

/** One valid chain of three, and one for each rule that validators are known to forget. */
export function benchChains(): readonly [BenchChain, ...BenchChain[]] {
  const root = ca.createRoot('C=UT, O=Bench, CN=Bench Root', { key: rsa('root') })
  const usual = (options: ca.AuthorityOptions = {}) =>
    root.subordinate('C=UT, O=Bench, CN=Bench CA', { key: rsa('ca'), ...options })
  const leafOf = (authority: ca.MockAuthority, options: ca.IssueOptions = {}) =>
    authority.issue('C=UT, O=Bench, CN=Leaf', {
      key: rsa('leaf'),
      extra: [ca.subjectAltName([{ dns: 'leaf.bench.test' }])],
      ...options,
    }).der
  const chain = (name: string, authority: ca.MockAuthority, leaf = leafOf(authority)): BenchChain => ({
    name,
    valid: false,
    leaf,
    intermediates: [authority.der],
    root: root.der,
  })
  const good = usual()
  const ski = ca.subjectKeyIdentifier(rsa('ca'))
  const limited = usual({ pathLength: 0 })
  const below = limited.subordinate('C=UT, O=Bench, CN=Bench Sub CA', { key: rsa('sub') })
  const revoked = leafOf(good, { serial: 4711 })
  const crls = [root.crl(), good.crl({ entries: [{ serial: 4711 }] })]
  return [
    { ...chain('valid', good), valid: true },
    chain('signature of the leaf changed', good, leafOf(good, { corruptSignature: true })),
    chain('leaf expired', good, leafOf(good, { notAfter: ca.testDay(-1) })),
    chain('issuer is no CA', usual({ extensions: [ca.basicConstraints({ ca: false }), ski] })),
    chain(
      'issuer may not sign certificates',
      usual({ extensions: [ca.basicConstraints(), ca.keyUsage(['cRLSign']), ski] }),
    ),
    { ...chain('pathLenConstraint of 0, a CA below', below), intermediates: [below.der, limited.der] },
    chain(
      'name constraints exclude the leaf',
      usual({ extra: [ca.nameConstraints({ excluded: [{ dns: 'bench.test' }] })] }),
    ),
    chain('unknown critical extension', good, leafOf(good, { extra: [ca.unknownExtension(true)] })),
    { ...chain('leaf revoked by CRL', good, revoked), crls },
  ]
}
