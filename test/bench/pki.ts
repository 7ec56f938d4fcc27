import { verify } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyCache } from '../../layer/pki/src/signature/key-cache.ts'
import { testKey, testTime } from '../../layer/pki/src/testing/index.ts'
import { validateCertificate } from '../../layer/pki/src/verdict/validate-certificate.ts'
import { parseCertificate } from '../../layer/pki/src/x509/certificate.ts'
import { type BenchChain, benchChains } from './pki/chains.ts'
import { importTimes } from './pki/import-time.ts'
import { measure, type Rate, type Subject } from './pki/measure.ts'
import { installedPeers, mmfPki, nodeCrypto, type Peer } from './pki/peers.ts'

/** One claim of the package, and what was measured. */
export interface PkiBenchmark {
  readonly name: string
  readonly value: number
  readonly unit: 'ratio' | 'ms' | 'count'
  /** What it must reach, or must not pass. */
  readonly target: number
  readonly met: boolean
}

/**
 * Rates, ratios, verdicts of the peers, import times; prints tables as it goes, in less than a minute.
 * @param seriesMs milliseconds for the longer of the two series of rates
 */
export async function benchPki(seriesMs = 12_000): Promise<readonly PkiBenchmark[]> {
  const { peers, missing } = await installedPeers()
  for (const reason of missing) console.log(`not compared: ${reason}`)
  const chains = benchChains()
  await compareVerdicts(chains, [mmfPki, nodeCrypto, ...peers])
  return [...(await benchRates(chains[0], peers, seriesMs)), ...(await benchImport()), ...(await benchPkits())]
}

async function compareVerdicts(chains: readonly BenchChain[], peers: readonly Peer[]): Promise<void> {
  const rows: Record<string, Record<string, string>> = {}
  for (const chain of chains) {
    const row: Record<string, string> = {}
    for (const peer of peers) row[peer.name] = (await accepts(peer, chain)) === chain.valid ? 'right' : 'WRONG'
    rows[chain.name] = row
  }
  console.table(rows)
}

async function accepts(peer: Peer, chain: BenchChain): Promise<boolean> {
  try {
    return await peer.verdict(chain)
  } catch {
    // Some say no by throwing.
    return false
  }
}

async function benchRates(
  chain: BenchChain,
  peers: readonly Peer[],
  seriesMs: number,
): Promise<readonly PkiBenchmark[]> {
  const bytesToVerdict = [mmfPki, nodeCrypto, ...peers].map(peer => subjectOf(peer, chain))
  const rates = await measure(bytesToVerdict, seriesMs)
  const bare = bareVerify(chain)
  const cached = await measure([cachedValidation(chain), parsedValidation(chain), bare], seriesMs / 2)
  printRates('three RSA-2048 certificates, bytes to verdict', rates)
  printRates('the same with keys imported before, signatures verified anew', cached)
  const results = [
    ratio('bytes to verdict against node:crypto', rates, mmfPki.name, nodeCrypto.name, 1),
    ratio('bytes to verdict, keys imported, no memo, against bare crypto.verify', cached, keysImported, bare.name, 0.8),
    ratio('the same with certificates parsed before', cached, parsedChain, bare.name, 0.8),
  ]
  if (rates.some(({ name }) => name === 'pkijs')) {
    results.push(ratio('bytes to verdict against pkijs', rates, mmfPki.name, 'pkijs', 30))
  }
  return results
}

function subjectOf(peer: Peer, chain: BenchChain): Subject {
  return { name: peer.name, calls: peer.calls, run: () => peer.verdict(chain) }
}

const keysImported = '@mmf/pki, keys imported'

function cachedValidation({ leaf, intermediates, root }: BenchChain): Subject {
  const keyCache = createKeyCache()
  const input = { profile: 'rfc5280', time: testTime, keyCache } as const
  return {
    name: keysImported,
    calls: 300,
    // Parsed anew each time; without signatureMemo nothing is remembered between validations.
    run: () => validateCertificate({ ...input, target: leaf, intermediates, anchors: [root] }),
  }
}

const parsedChain = '@mmf/pki, certificates parsed too'

/** As a service holds its anchors and intermediates; every signature is verified anew all the same. */
function parsedValidation({ leaf, intermediates, root }: BenchChain): Subject {
  const input = {
    profile: 'rfc5280',
    time: testTime,
    keyCache: createKeyCache(),
    target: parseCertificate(leaf),
    intermediates: intermediates.map(parseCertificate),
    anchors: [parseCertificate(root)],
  } as const
  return { name: parsedChain, calls: 300, run: () => validateCertificate(input) }
}

function bareVerify(chain: BenchChain): Subject {
  const signed = [
    { certificate: parseCertificate(chain.leaf), key: testKey('rsa-2048', 'ca').publicKey },
    { certificate: parseCertificate(chain.intermediates[0] ?? chain.root), key: testKey('rsa-2048', 'root').publicKey },
  ].map(({ certificate: { tbs, signature }, key }) => ({ tbs, signature, key }))
  return {
    name: 'bare crypto.verify, twice',
    calls: 300,
    run: () => {
      for (const { tbs, signature, key } of signed) {
        if (!verify('sha256', tbs, key, signature)) throw new Error('the bench chain does not verify')
      }
    },
  }
}

function ratio(name: string, rates: readonly Rate[], of: string, to: string, target: number): PkiBenchmark {
  const rate = (wanted: string) => rates.find(candidate => candidate.name === wanted)?.perSecond ?? Number.NaN
  const value = rate(of) / rate(to)
  return { name, value, unit: 'ratio', target, met: value >= target }
}

function printRates(title: string, rates: readonly Rate[]): void {
  console.log(`\n${title}`)
  const first = rates[0]?.perSecond ?? Number.NaN
  for (const { name, perSecond } of rates) {
    console.log(
      `  ${name.padEnd(44)} ${Math.round(perSecond).toString().padStart(8)} /s ${(first / perSecond).toFixed(2).padStart(9)} ×`,
    )
  }
}

async function benchImport(): Promise<readonly PkiBenchmark[]> {
  const times = await importTimes()
  const { bundled, source, bundledBytes, dependencies, externals } = times
  console.log(
    `\nimport in a fresh process: bundled ${bundled.toFixed(1)} ms (${Math.round(bundledBytes / 1024)} KB), source ${source.toFixed(1)} ms`,
  )
  for (const [name, time] of Object.entries(times.peers)) console.log(`  ${name} ${time.toFixed(1)} ms`)
  const foreign = externals.filter(specifier => !specifier.startsWith('node:'))
  console.log(`  imports ${externals.join(', ')}`)
  return [
    { name: 'import of @mmf/pki as shipped', value: bundled, unit: 'ms', target: 15, met: bundled <= 15 },
    {
      name: 'dependencies of @mmf/pki',
      value: dependencies + foreign.length,
      unit: 'count',
      target: 0,
      met: dependencies + foreign.length === 0,
    },
  ]
}

/** The whole of NIST PKITS in this process, where the data is there. */
async function benchPkits(): Promise<readonly PkiBenchmark[]> {
  const root = process.env['CONFORMANCE_DATA']
  const data = root === undefined ? undefined : join(root, 'pkits')
  const suite = new URL('../conformance/suites/pkits.ts', import.meta.url)
  if (data === undefined || !existsSync(data) || !existsSync(suite)) {
    console.log('\nPKITS: skipped, CONFORMANCE_DATA names no folder with pkits')
    return []
  }
  const { run } = await import(suite.href)
  const started = performance.now()
  let total = 0
  let right = 0
  for await (const { expected, got, skipped } of run({ data })) {
    if (skipped !== undefined) continue
    total++
    if (expected === got) right++
  }
  const elapsed = performance.now() - started
  console.log(`\nPKITS: ${right} of ${total} right in ${Math.round(elapsed)} ms, archive and all`)
  return [
    {
      name: 'whole PKITS in one process',
      value: elapsed,
      unit: 'ms',
      target: 2000,
      met: elapsed <= 2000 && right === total,
    },
  ]
}

if (import.meta.main) {
  const results = await benchPki()
  console.log('')
  for (const { name, value, unit, target, met } of results) {
    console.log(
      `${met ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(unit === 'count' ? 0 : 2)} (${unit}, target ${target})`,
    )
  }
}
