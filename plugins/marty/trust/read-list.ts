import { createHash } from 'node:crypto'
import { MmfError } from '@mmf/framework'
import {
  type Certificate,
  createKeyCache,
  isPkiError,
  type KeyCache,
  type MasterList,
  parseCertificate,
  parseMasterList,
} from '@mmf/pki'
import { countryOf } from './certificate-facts.ts'
import { type Fault, type Judgement, judgeCsca } from './judge-certificate.ts'

/** One certificate of a list, judged. */
export interface ListedCertificate extends Judgement {
  readonly fingerprint: string
  readonly der: Uint8Array
  /** Undefined where it cannot be read. */
  readonly certificate: Certificate | undefined
}

/** A master list taken apart; nothing of it is believed yet. */
export interface ReadList {
  readonly sha256: string
  readonly masterList: MasterList
  /** The certificates that came with the signature. */
  readonly bag: readonly Certificate[]
  /** By fingerprint, each once. */
  readonly certificates: ReadonlyMap<string, ListedCertificate>
  /** As many as the list holds, one that comes twice counted twice. */
  readonly length: number
  /** How many countries the subjects name; one that names none counts as one more. */
  readonly countries: number
  readonly keyCache: KeyCache
}

/** @throws {MmfError} `master_list_invalid` for bytes that are no signed CSCA master list (Doc 9303-12, CSCA Master List) */
export function readList(bytes: Uint8Array, { tolerant }: { readonly tolerant: boolean }): ReadList {
  const masterList = parsed(bytes, tolerant)
  if (masterList.signedData.signerInfos.length === 0) throw invalid('nobody has signed it')
  const keyCache = createKeyCache(masterList.certificates.length + 10)
  const certificates = new Map<string, ListedCertificate>()
  const countries = new Set<string>()
  for (const der of masterList.certificates) {
    const listed = judged(der, keyCache)
    certificates.set(listed.fingerprint, listed)
    countries.add((listed.certificate === undefined ? undefined : countryOf(listed.certificate.subject)) ?? '')
  }
  return {
    sha256: sha256(bytes),
    masterList,
    bag: masterList.signedData.certificates.flatMap(der => readable(der) ?? []),
    certificates,
    length: masterList.certificates.length,
    countries: countries.size,
    keyCache,
  }
}

function parsed(bytes: Uint8Array, tolerant: boolean): MasterList {
  try {
    return parseMasterList(bytes, { tolerant })
  } catch (error) {
    if (!isPkiError(error)) throw error
    throw invalid(error.message, error)
  }
}

function judged(der: Uint8Array, keyCache: KeyCache): ListedCertificate {
  const fingerprint = sha256(der)
  try {
    const certificate = parseCertificate(der)
    return { fingerprint, der, certificate, ...judgeCsca(certificate, keyCache) }
  } catch (error) {
    if (!isPkiError(error)) throw error
    const faults: Fault[] = [{ code: error.code, message: error.message.slice(0, 300) }]
    return { fingerprint, der, certificate: undefined, kind: 'quarantined', faults }
  }
}

/** The certificates beside a signature help to find its signer; one that cannot be read helps nobody. */
function readable(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (isPkiError(error)) return undefined
    throw error
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export function invalid(message: string, cause?: unknown): MmfError {
  return new MmfError('master_list_invalid', {
    detail: `masterList: ${message.slice(0, 300)}`,
    errors: [{ path: 'masterList', message: message.slice(0, 300), code: 'master_list_invalid' }],
    cause,
  })
}
