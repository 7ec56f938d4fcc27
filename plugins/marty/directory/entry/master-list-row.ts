import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import {
  type Certificate,
  createKeyCache,
  type MasterList,
  parseCertificate,
  parseMasterList,
  verifyMasterList,
} from '@mmf/pki'
import type { PkdMasterListRow } from '../tables/pkd-master-lists.ts'
import { boundedName } from './bounded.ts'
import type { EntryContext } from './build-row.ts'
import { countryOf } from './certificate-entry.ts'
import type { CscaSource } from './conformance.ts'
import { EntryRefused, refusing } from './entry-refused.ts'
import { shardOf } from './rank.ts'

const keyCache = createKeyCache()

/** A signature that nothing was said about, because the key or the algorithm is not here. */
const undecided: ReadonlySet<string> = new Set(['cms_signer_certificate_missing', 'cms_algorithm_unavailable'])

/** What real states write against the standard; each is named in the verdict. ICAO's own list needs the second. */
const compatibilities = ['cms-tolerant', 'rsa-digestinfo-without-null'] as const

/**
 * The row of a master list. The directory keeps it as its state published it; whether its certificates are trusted is decided by
 * importing it as trust anchors.
 * @throws {EntryRefused} `master_list_malformed`; `signature_invalid` where the signature over the list is not its signer's
 */
export async function masterListRow(
  content: Uint8Array,
  cscas: CscaSource,
  entry: Required<Pick<EntryContext, 'importId'>> & EntryContext & { readonly country?: string },
): Promise<PkdMasterListRow> {
  const list = refusing('master_list_malformed', () => parseMasterList(content, { tolerant: true }))
  const signers = embedded(list)
  const anchors = new Map<string, Certificate>()
  for (const signer of signers) {
    const found = await cscas.above(signer.issuer, signer)
    for (const anchor of found.anchors) anchors.set(anchor.fingerprint, anchor)
  }
  const verify = (time?: Date) =>
    verifyMasterList({
      masterList: content,
      anchors: [...anchors.values()],
      ...defined({ time }),
      compatibilities,
      keyCache,
    })
  const first = verify()
  // A list outlives its signer: it is judged at the moment at which it says it was signed.
  const signingTime = first.signers[0]?.signingTime ?? undefined
  const verdict = signingTime === undefined ? first : verify(new Date(signingTime))
  const [signer] = verdict.signers
  const errors = verdict.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  const broken = errors.find(code => code.startsWith('cms_') && !undecided.has(code))
  if (broken !== undefined) throw new EntryRefused('signature_invalid', broken)
  const { now, country: named, ...said } = entry
  const fingerprint = createHash('sha256').update(content).digest('hex')
  const certificate = signer?.certificate ?? undefined
  const country = (certificate && countryOf(certificate)) ?? named
  return {
    ...said,
    fingerprint,
    ...defined({ country }),
    ...(certificate === undefined
      ? {}
      : { signer: refusing('master_list_malformed', () => boundedName(certificate.subject)) }),
    ...defined({ signingTime }),
    certificates: list.certificates.length,
    size: content.length,
    signature: verdict.valid ? 'verified' : 'unverified',
    findings: [...new Set(errors)],
    shard: shardOf(entry.collection, fingerprint),
    createdAt: now,
    updatedAt: now,
    revision: 1,
  }
}

/** Certificates that the list embeds for its signer; one that cannot be read is none. */
function embedded({ signedData }: MasterList): readonly Certificate[] {
  return refusing('master_list_malformed', () => signedData.certificates.map(parseCertificate))
}
