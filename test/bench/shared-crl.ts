import { parseCrl, prepareEvidence } from '../../layer/pki/src/index.ts'
import { createRoot, testKey, testTime } from '../../layer/pki/src/testing/index.ts'
import { validateCertificate } from '../../layer/pki/src/verdict/validate-certificate.ts'
import { parseCertificate } from '../../layer/pki/src/x509/certificate.ts'
import { atMost, type BenchResult } from './result.ts'

const certificates = 1000

/**
 * A large list that many certificates share: time for all verdicts, the list read and searched from scratch, and the memory they add.
 * @param entries of the list; 1,070,000 make about 30 MB
 */
export async function benchSharedCrl(entries: number): Promise<readonly BenchResult[]> {
  const root = createRoot('C=UT, CN=Shared CRL Root')
  const key = testKey('p256', 'shared crl leaf')
  // Eight octets, as most public CAs have them; one in ten certificates is revoked.
  const serialOf = (index: number) => BigInt(index) * 0x9e37_79b9_7f4an + (1n << 62n)
  const der = root.crl({ entries: Array.from({ length: entries }, (_, index) => ({ serial: serialOf(index) })) })
  const targets = Array.from({ length: certificates }, (_, index) => {
    const serial = serialOf(index % 10 === 0 ? index : entries + index)
    return parseCertificate(root.issue(`CN=Leaf ${index}`, { key, serial }).der)
  })
  const anchors = [parseCertificate(root.der)]
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const started = performance.now()
  const evidence = prepareEvidence([parseCrl(der)])
  let revoked = 0
  let most = before
  for (const target of targets) {
    const input = { target, anchors, profile: 'rfc5280', time: testTime, revocation: 'required', evidence } as const
    if (!validateCertificate(input).valid) revoked += 1
    most = Math.max(most, process.memoryUsage().rss)
  }
  const seconds = (performance.now() - started) / 1000
  if (revoked !== certificates / 10) throw new Error(`${revoked} certificates are revoked`)
  const size = (der.length / 1e6).toFixed(1)
  return [
    atMost(2, 's', `${certificates} certificates against one CRL of ${size} MB`, seconds),
    atMost(40, 'MB', 'memory that they add beside the list', (most - before) / 1e6),
  ]
}
