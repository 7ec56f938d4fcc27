import { MmfError } from '@mmf/framework'
import {
  type Certificate,
  type IcaoCompatibility,
  type MasterListVerdict,
  verifyMasterList,
  verifySignedData,
} from '@mmf/pki'
import { anchorFaults } from '../changes/judge-certificate.ts'
import { countryOf } from '../store/certificate-facts.ts'
import { purposesOf } from '../store/trust-entry.ts'
import type { TrustStore } from '../store/trust-store.ts'
import type { SourceList } from '../tables/trust-generations.ts'
import { invalid, type ReadList } from './read-list.ts'

/** Named departures from a standard that an import may allow; each one needed is named in its record. */
export const listCompatibilities = ['rsa-digestinfo-without-null', 'cms-tolerant', 'signer-at-signing-time'] as const
type ListCompatibility = (typeof listCompatibilities)[number]

export interface VerifyListOptions {
  /** The bytes that were read. */
  readonly bytes: Uint8Array
  readonly store: TrustStore
  readonly generation: number
  readonly now: Date
  /** SHA-256 of the anchor that the request names. */
  readonly trustedSigner?: string
  /** The last accepted list of the same source. */
  readonly previous?: SourceList
  readonly compatibilities: readonly ListCompatibility[]
}

/** A list whose signature leads to a signer that may vouch for CSCAs. */
export interface VerifiedList {
  readonly signer: Certificate
  readonly signerCountry: string
  readonly signingTime: Date
  /** The anchor that the signer's path ended at. */
  readonly anchorId: string
  /** The certificate that the request named by its hash, where it did. */
  readonly named: Certificate | undefined
  /** The certificates of the signer's path, the signer first, by fingerprint. */
  readonly path: readonly string[]
  /** The departures that were needed, by their names. */
  readonly compatibilities: readonly string[]
}

/** Clocks differ; a list signed later than this after now would shut out every honest one after it. */
const maxAheadMs = 24 * 60 * 60 * 1000

/**
 * Verifies who signed a list. Its signer must lead to
 * - an anchor trusted for the purpose `master-list-signer`, or
 * - a CSCA of the country that signed the last accepted list of this source: Doc 9303-12 §7.1.1 has the signer certified by its state's CSCA,
 *   which is renewed now and then, or
 * - the certificate that the request names by its hash, which may then come with the list, because the hash says which one is meant.
 *
 * A CSCA that merely arrives in the list proves nothing; certificates of the list may only lie on the way to an anchor.
 *
 * @throws {MmfError} `master_list_untrusted` with the findings; `master_list_invalid` without a usable signing time
 */
export async function verifyList(list: ReadList, options: VerifyListOptions): Promise<VerifiedList> {
  const { now, compatibilities, trustedSigner } = options
  const icao = compatibilities.filter(
    (name): name is IcaoCompatibility & ListCompatibility => name !== 'signer-at-signing-time',
  )
  const claimed = claimedSigner(list, icao)
  const atSigning = compatibilities.includes('signer-at-signing-time')
  const time = atSigning && claimed.signingTime !== undefined ? claimed.signingTime : now
  const named = trustedSigner === undefined ? undefined : await namedCertificate(trustedSigner, list, options)
  const { anchors, intermediates } = await candidates(claimed.signer, named, list, { ...options, now: time })
  const verify = (moment: Date) =>
    verifyMasterList({
      masterList: options.bytes,
      anchors,
      certificates: intermediates,
      time: moment,
      compatibilities: icao,
      keyCache: list.keyCache,
    })
  const verdict = verify(time)
  const [signer] = verdict.signers
  const anchorId = signer?.chain?.anchor?.sha256
  if (!verdict.valid || !signer?.certificate || !anchorId) {
    const earlier = !atSigning && claimed.signingTime !== undefined && verify(claimed.signingTime).valid
    throw untrusted(verdict, anchors.length, earlier)
  }
  const signingTime = usableSigningTime(claimed.signingTime, now)
  const late = atSigning && !verify(now).valid
  return {
    signer: signer.certificate,
    signerCountry: countryOf(signer.certificate.subject) ?? '',
    signingTime,
    anchorId,
    named,
    path: signer.chain?.path.map(({ fingerprint }) => fingerprint) ?? [],
    compatibilities: [...verdict.compatibility, ...(late ? ['signer-at-signing-time'] : [])],
  }
}

interface ClaimedSigner {
  readonly signer: Certificate
  readonly signingTime: Date | undefined
}

/** Who claims to have signed it, and when. @throws {MmfError} `master_list_untrusted` where no certificate fits the signer */
function claimedSigner({ masterList, keyCache }: ReadList, icao: readonly IcaoCompatibility[]): ClaimedSigner {
  const policy = { explicitCurves: true, digestInfoWithoutNull: icao.includes('rsa-digestinfo-without-null') }
  const tolerant = icao.includes('cms-tolerant')
  const { signers } = verifySignedData(masterList.signedData, { policy, tolerant, keyCache })
  // Several signers are several statements about one content; the earliest time is the one all of them bear out.
  const times = signers.flatMap(({ signingTime }) => signingTime ?? [])
  const signer = signers.find(({ certificate }) => certificate !== undefined)?.certificate
  if (signer === undefined) throw refused('the certificate of its signer is not with it', 'signer_certificate_missing')
  return { signer, signingTime: times.length === 0 ? undefined : new Date(Math.min(...times)) }
}

/** @throws {MmfError} `master_list_invalid`: without a signing time a list cannot be distinguished from an older one (Doc 9303-12, signedAttrs) */
function usableSigningTime(signingTime: Date | undefined, now: Date): Date {
  if (signingTime === undefined) throw invalid('it says no signing time')
  if (signingTime.getTime() > now.getTime() + maxAheadMs)
    throw invalid(`its signing time ${signingTime.toISOString()} is to come`)
  return signingTime
}

/** @throws {MmfError} `master_list_untrusted` where nothing has that hash, or an administrator has distrusted it */
async function namedCertificate(
  fingerprint: string,
  list: ReadList,
  { store, generation }: VerifyListOptions,
): Promise<Certificate> {
  const known = await store.byFingerprint(fingerprint, generation)
  if (known?.row.status === 'distrusted') {
    throw refused(`trustedSigner: this certificate is distrusted: ${known.row.reason ?? ''}`, 'distrusted')
  }
  const found =
    list.bag.find(certificate => certificate.fingerprint === fingerprint) ??
    list.certificates.get(fingerprint)?.certificate ??
    known?.certificate
  if (found === undefined) {
    const message = 'trustedSigner: no certificate with this hash, neither in the store nor with the list'
    throw refused(message, 'named_certificate_missing')
  }
  // Naming makes it an anchor, so it must be fit to be one.
  const [fault] = anchorFaults(found, ['csca'], { allowNotSelfSigned: true, keyCache: list.keyCache })
  if (fault !== undefined) throw refused(`trustedSigner: ${fault.code}: ${fault.message}`, fault.code)
  return found
}

/** What the signer's path may end at and lead over. */
async function candidates(
  signer: Certificate,
  named: Certificate | undefined,
  list: ReadList,
  { store, generation, now, previous }: VerifyListOptions,
): Promise<{ readonly anchors: readonly Certificate[]; readonly intermediates: readonly Certificate[] }> {
  const listed = [...list.certificates.values()].flatMap(({ certificate }) => certificate ?? [])
  const found = await store.anchorsForIssuer({
    target: signer,
    intermediates: [...list.bag, ...listed],
    purposes: ['csca', 'master-list-signer'],
    generation,
    time: now,
  })
  if (found.targetRefused !== undefined) {
    throw refused(`its signer is distrusted: ${found.targetRefused.reason}`, 'distrusted')
  }
  const anchors: Certificate[] = named === undefined ? [] : [named]
  for (const anchor of found.anchors) {
    const row = (await store.byFingerprint(anchor.fingerprint, generation))?.row
    if (row === undefined) continue
    const mayVouch = purposesOf(row).includes('master-list-signer')
    const ofSameCountry = previous !== undefined && countryOf(anchor.subject) === previous.signerCountry
    if (mayVouch || ofSameCountry) anchors.push(anchor)
  }
  return { anchors, intermediates: found.intermediates }
}

const maxFindings = 20

function untrusted({ findings }: MasterListVerdict, anchors: number, atSigningTime: boolean): MmfError {
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .slice(0, maxFindings)
    .map(({ code, message, clause }) => ({ path: 'masterList', code, message: `${message} (${clause})` }))
  const [first] = errors
  const why = first === undefined ? 'its signature is not valid' : `${first.code}: ${first.message}`
  const hint = anchors === 0 ? '; no anchor of its signer is trusted for master lists: name one with trustedSigner' : ''
  const names = findings.filter(({ code }) => code === 'compatibility_would_help').map(({ message }) => message)
  const usable = listCompatibilities.filter(
    name => names.includes(name) || (atSigningTime && name === 'signer-at-signing-time'),
  )
  const help = usable.length === 0 ? '' : `; the compatibility ${usable.join(' and ')} would let it pass`
  return new MmfError('master_list_untrusted', { detail: `masterList: ${why}${hint}${help}`, errors })
}

function refused(message: string, code: string): MmfError {
  return new MmfError('master_list_untrusted', { detail: message, errors: [{ path: 'masterList', code, message }] })
}
