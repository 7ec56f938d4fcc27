import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testTime } from '../../../layer/pki/src/testing/index.ts'
import { validateCertificate } from '../../../layer/pki/src/verdict/validate-certificate.ts'
import { toPem } from '../../../layer/pki/src/x509/pem.ts'
import type { BenchChain } from './chains.ts'

/** A validator that takes bytes and gives a verdict. Each is used as its documentation shows, at testTime. */
export interface Peer {
  readonly name: string
  /** True: the chain is accepted. An error counts as refusal. */
  verdict(chain: BenchChain): boolean | Promise<boolean>
  /** Calls per turn. */
  readonly calls: number
}

export const mmfPki: Peer = {
  name: '@mmf/pki',
  calls: 200,
  verdict: ({ leaf, intermediates, root, crls }) =>
    validateCertificate({
      target: leaf,
      intermediates,
      anchors: [root],
      profile: 'rfc5280',
      time: testTime,
      ...(crls !== undefined && { revocation: 'required', crls }),
    }).valid,
}

/** What people write with the runtime alone: parse, checkIssued, verify, and the dates. No constraints, no revocation. */
export const nodeCrypto: Peer = {
  name: 'node:crypto parse + checkIssued + verify',
  calls: 200,
  verdict(chain) {
    const path = [chain.leaf, ...chain.intermediates, chain.root].map(der => new X509Certificate(der))
    for (const [index, certificate] of path.entries()) {
      const issuer = path[index + 1]
      if (issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)))
        return false
      if (certificate.validFromDate > testTime || testTime > certificate.validToDate) return false
    }
    return true
  },
}

/** The peers whose packages are installed; the others with the reason why not. */
export async function installedPeers(): Promise<{ peers: readonly Peer[]; missing: readonly string[] }> {
  const peers: Peer[] = []
  const missing: string[] = []
  for (const load of [loadPkijs, loadForge, loadPeculiar, loadOpenssl]) {
    try {
      peers.push(await load())
    } catch (error) {
      missing.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }
  return { peers, missing }
}

// The declarations of some of these packages do not exist or do not compile here; the few calls are typed by hand.
function load<T>(specifier: string): Promise<T> {
  return import(specifier) as Promise<T>
}

interface Pkijs {
  readonly Certificate: { fromBER(der: Uint8Array): unknown }
  readonly CertificateRevocationList: { fromBER(der: Uint8Array): unknown }
  readonly CryptoEngine: new (options: object) => unknown
  readonly CertificateChainValidationEngine: new (options: object) => { verify(): Promise<{ result: boolean }> }
  setEngine(name: string, engine: unknown): void
}

async function loadPkijs(): Promise<Peer> {
  const pkijs = await load<Pkijs>('pkijs')
  pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: globalThis.crypto }))
  const parse = (der: Uint8Array) => pkijs.Certificate.fromBER(der)
  return {
    name: 'pkijs',
    calls: 5,
    async verdict({ leaf, intermediates, root, crls = [] }) {
      const engine = new pkijs.CertificateChainValidationEngine({
        trustedCerts: [parse(root)],
        certs: [...intermediates.map(parse), parse(leaf)],
        crls: crls.map(der => pkijs.CertificateRevocationList.fromBER(der)),
        checkDate: testTime,
      })
      return (await engine.verify()).result
    },
  }
}

interface Forge {
  readonly asn1: { fromDer(bytes: string): unknown }
  readonly pki: {
    certificateFromAsn1(asn1: unknown): unknown
    createCaStore(certificates: readonly unknown[]): unknown
    verifyCertificateChain(store: unknown, chain: readonly unknown[], options: object): boolean
  }
}

async function loadForge(): Promise<Peer> {
  const { default: forge } = await load<{ default: Forge }>('node-forge')
  const parse = (der: Uint8Array) =>
    forge.pki.certificateFromAsn1(forge.asn1.fromDer(Buffer.from(der).toString('latin1')))
  return {
    name: 'node-forge',
    calls: 15,
    verdict({ leaf, intermediates, root }) {
      const store = forge.pki.createCaStore([parse(root)])
      const chain = [leaf, ...intermediates].map(parse)
      return forge.pki.verifyCertificateChain(store, chain, { validityCheckDate: testTime })
    },
  }
}

interface PeculiarCertificate {
  readonly notBefore: Date
  readonly notAfter: Date
  equal(other: PeculiarCertificate): boolean
}

interface Peculiar {
  readonly cryptoProvider: { set(crypto: unknown): void }
  readonly X509Certificate: new (der: Uint8Array) => PeculiarCertificate
  readonly X509ChainBuilder: new (
    options: object,
  ) => {
    build(certificate: PeculiarCertificate): Promise<PeculiarCertificate[]>
  }
}

async function loadPeculiar(): Promise<Peer> {
  polyfillReflectMetadata()
  const x509 = await load<Peculiar>('@peculiar/x509')
  x509.cryptoProvider.set(globalThis.crypto)
  return {
    name: '@peculiar/x509',
    calls: 5,
    async verdict(chain) {
      const [leaf, ...authorities] = [chain.leaf, ...chain.intermediates, chain.root].map(
        der => new x509.X509Certificate(der),
      )
      const root = authorities.at(-1)
      if (leaf === undefined || root === undefined) return false
      const built = await new x509.X509ChainBuilder({ certificates: authorities }).build(leaf)
      // It builds chains and leaves the rest to its caller: that it ends at the anchor, and the dates.
      const complete = built.at(-1)?.equal(root) ?? false
      return complete && built.every(({ notBefore, notAfter }) => notBefore <= testTime && testTime <= notAfter)
    },
  }
}

/** The part of reflect-metadata that @peculiar/x509's dependency injection asks for before it loads. */
function polyfillReflectMetadata(): void {
  const metadata = new WeakMap<object, Map<unknown, unknown>>()
  const of = (target: object) => metadata.get(target) ?? new Map<unknown, unknown>()
  const api = {
    defineMetadata(key: unknown, value: unknown, target: object) {
      metadata.set(target, of(target).set(key, value))
    },
    getOwnMetadata: (key: unknown, target: object) => of(target).get(key),
    hasOwnMetadata: (key: unknown, target: object) => of(target).has(key),
    getMetadata(key: unknown, target: object) {
      for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
        if (of(at).has(key)) return of(at).get(key)
      }
      return undefined
    },
    metadata: (key: unknown, value: unknown) => (target: object) => api.defineMetadata(key, value, target),
  }
  for (const [name, value] of Object.entries(api)) {
    if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true })
  }
}

function loadOpenssl(): Peer {
  const version = spawnSync('openssl', ['version'], { encoding: 'utf8' })
  if (version.status !== 0) throw new Error('openssl: no command line tool here')
  return {
    name: `${version.stdout.split(' ').slice(0, 2).join(' ')}, a process each`,
    calls: 1,
    verdict: chain => opensslVerdict(chain),
  }
}

function opensslVerdict({ leaf, intermediates, root, crls = [] }: BenchChain): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-bench-openssl-'))
  try {
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const args = ['verify', '-attime', String(testTime.getTime() / 1000)]
    args.push('-CAfile', file('root.pem', toPem('CERTIFICATE', root)))
    args.push('-untrusted', file('ca.pem', intermediates.map(der => toPem('CERTIFICATE', der)).join('')))
    if (crls.length > 0) {
      args.push('-crl_check_all', '-CRLfile', file('crls.pem', crls.map(crl => toPem('X509 CRL', crl)).join('')))
    }
    args.push(file('leaf.pem', toPem('CERTIFICATE', leaf)))
    return spawnSync('openssl', args).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}
