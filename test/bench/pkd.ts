import { randomUUID } from 'node:crypto'
import { issueCertificate, subjectKeyIdentifier, testKey } from '../../layer/pki/src/testing/index.ts'
import { dscRecord } from '../http/support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../http/support/start-platform.ts'
import { addAnchor, csca } from '../http/support/trust-anchors.fixture.ts'
import { atMost, type BenchResult } from './result.ts'

/** `MARTY_BENCH_PKD_ENTRIES=1000000` for the full size: half an hour and 5 GB of disk. */
const fullSize = Number(process.env['MARTY_BENCH_PKD_ENTRIES'] ?? 10_000)

const authority = csca('UT')
const key = testKey('p256', 'dsc')
const extensions = [subjectKeyIdentifier(key)]

/** An LDIF of so many document signers of one country, made while it is read: it is never in memory as a whole. */
async function* ldif(entries: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('version: 1\n\n')
  for (let i = 0; i < entries; i += 1) {
    const der = issueCertificate({
      subject: subjectOf(i),
      issuer: authority.name,
      key,
      signer: authority.key,
      serial: i + 1,
      notBefore: new Date('2024-01-01T00:00:00Z'),
      notAfter: new Date('2034-01-01T00:00:00Z'),
      extensions,
    })
    yield Buffer.from(dscRecord(der, { name: `${i}` }))
  }
}

const subjectOf = (i: number) => `C=UT, O=State, CN=Document Signer ${i}`

interface Sample {
  readonly processed: number
  /** Since the start: on the clock, and of the processor, which other programs disturb less. */
  readonly seconds: number
  readonly cpu: number
  readonly rss: number
}

/** An import from the first byte to the last, looked at ten times, and lookups in the directory that it leaves. */
export async function benchPkd(entries = fullSize): Promise<readonly BenchResult[]> {
  const marty = await startPlatform({ env: { ...signingWith('ECDSA-SHA256'), MMF__logging__level: 'error' } })
  try {
    await addAnchor(marty, authority.der)
    const uploadId = randomUUID()
    await marty.platform.http.blobs.put(`marty/pkd/uploads/${uploadId}`, ldif(entries), { maxBytes: 5_000_000_000 })
    const samples = await importing(marty, uploadId, entries)
    const costs = samples.slice(1).map((sample, i) => costOf(sample, samples[i] ?? sample))
    const [first, last] = [average(costs.slice(0, 4)), average(costs.slice(-4))]
    const memory = samples.map(({ rss }) => rss)
    const grown = (Math.max(...memory.slice(-3)) - Math.max(...memory.slice(0, 3))) / 1024 / 1024
    const end = samples.at(-1) ?? { seconds: 1 }
    return [
      { name: `entries imported, of ${entries}`, value: entries / end.seconds, unit: '/s' },
      atMost(2, '×', 'processor time per entry at the end against the beginning', last / first),
      atMost(200, 'MiB', 'growth of the process over the import', grown),
      { name: 'lookups without cache', value: await lookups(marty, entries), unit: '/s' },
    ]
  } finally {
    await marty.stop()
  }
}

const costOf = (to: Sample, from: Sample) => (to.cpu - from.cpu) / Math.max(to.processed - from.processed, 1)
const average = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)

async function importing(marty: TestPlatform, upload: string, entries: number): Promise<readonly Sample[]> {
  const token = marty.token({ roles: ['pkd_administrator'], permissions: [], ttlSeconds: 86_400 })
  const { json } = await marty.request('POST', '/v1/pkd/imports', { token, body: { upload } })
  const started = performance.now()
  const cpuStarted = cpuSeconds()
  const sample = (processed: number): Sample => ({
    processed,
    seconds: (performance.now() - started) / 1000,
    cpu: cpuSeconds() - cpuStarted,
    rss: process.memoryUsage().rss,
  })
  const samples = [sample(0)]
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, entries / 500))
    const answer = await marty.request('GET', `/v1/pkd/imports/${json.jobId}`, { token }).catch(() => undefined)
    // A connection that lay idle while the process was at work may be closed: it is asked again.
    if (answer === undefined) continue
    const { json: status } = answer
    const { processed, state } = status
    if (processed < (samples.length * entries) / 10 && state === 'running') continue
    // The last look may find nothing new but that the import is over.
    if (processed > (samples.at(-1)?.processed ?? 0)) samples.push(sample(processed))
    if (state === 'running') continue
    if (state !== 'completed' || status.added !== entries)
      throw new Error(`the import ended with ${JSON.stringify(status)}`)
    return samples
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Rate of lookups by subject, each of another certificate, over HTTP one after the other. */
async function lookups(marty: TestPlatform, entries: number): Promise<number> {
  const token = marty.token({ roles: [], permissions: [] })
  const count = Math.min(500, entries)
  const started = performance.now()
  for (let i = 0; i < count; i += 1) {
    const number = Math.floor((i * entries) / count)
    const subject = encodeURIComponent(`CN=Document Signer ${number},O=State,C=UT`)
    const { status } = await marty.request('GET', `/v1/pkd/keys?subject=${subject}`, { token })
    if (status !== 200) throw new Error(`lookup ${number}: ${status}`)
  }
  return count / ((performance.now() - started) / 1000)
}
