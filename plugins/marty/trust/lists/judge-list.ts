import { MmfError } from '@mmf/framework'
import { type Judgement, judgeCsca } from '../changes/judge-certificate.ts'
import type { ReadList, ReadListed } from './read-list.ts'

/** One certificate of a list, judged. */
export type JudgedListed = ReadListed & Judgement

/** By fingerprint, in the order of the list. */
export type JudgedCertificates = ReadonlyMap<string, JudgedListed>

/** Public-key operations take a while; between so many certificates others have their turn. */
const atOnce = 5

/** Judges every certificate of a list whose signature was verified. @throws {MmfError} `deadline_exceeded` */
export async function judgeList(
  { certificates, keyCache }: ReadList,
  signal: AbortSignal,
): Promise<JudgedCertificates> {
  const judged = new Map<string, JudgedListed>()
  for (const [fingerprint, listed] of certificates) {
    const { certificate, faults } = listed
    const judgement: Judgement =
      certificate === undefined ? { kind: 'quarantined', faults } : judgeCsca(certificate, keyCache)
    judged.set(fingerprint, { ...listed, ...judgement })
    if (judged.size % atOnce !== 0) continue
    await new Promise(resume => setImmediate(resume))
    if (signal.aborted) {
      throw new MmfError('deadline_exceeded', {
        detail: `${judged.size} of ${certificates.size} certificates were judged`,
      })
    }
  }
  return judged
}
