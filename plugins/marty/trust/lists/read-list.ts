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
import type { Fault } from '../changes/judge-certificate.ts'
import { countryOf } from '../store/certificate-facts.ts'

/** One certificate of a list. */
export interface ReadListed {
  readonly fingerprint: string
  readonly der: Uint8Array
  /** Undefined where it cannot be read. */
  readonly certificate: Certificate | undefined
  /** Why it cannot be read. */
  readonly faults: readonly Fault[]
}

/** A master list taken apart; nothing of it is believed yet. */
export interface ReadList {
  readonly sha256: string
  readonly masterList: MasterList
  /** The certificates that came with the signature. */
  readonly bag: readonly Certificate[]
  /** By fingerprint, each once. */
  readonly certificates: ReadonlyMap<string, ReadListed>
  /** As many as the list holds, one that comes twice counted twice. */
  readonly length: number
  /** How many countries the subjects name; one that names none counts as one more. */
  readonly countries: number
  readonly keyCache: KeyCache
}

/** @throws {MmfError} `master_list_invalid` for bytes that are no signed CSCA master list (Doc 9303-12, CSCA Master List) */
export function readList(bytes: Uint8Array, { tolerant }: { readonly tolerant: boolean }): ReadList {
  const masterList = parsed(bytes, tolerant)
  if (masterList.signedData.signerInfos.length === 0) throw invalid('it has no signer')
  const certificates = new Map<string, ReadListed>()
  const countries = new Set<string>()
  for (const der of masterList.certificates) {
    const listed = readListed(der)
    certificates.set(listed.fingerprint, listed)
    countries.add((listed.certificate === undefined ? undefined : countryOf(listed.certificate.subject)) ?? '')
  }
  return {
    sha256: sha256(bytes),
    masterList,
    bag: masterList.signedData.certificates.flatMap(der => readListed(der).certificate ?? []),
    certificates,
    length: masterList.certificates.length,
    countries: countries.size,
    keyCache: createKeyCache(masterList.certificates.length + 10),
  }
}

function parsed(bytes: Uint8Array, tolerant: boolean): MasterList {
  try {
    return parseMasterList(bytes, { tolerant })
  } catch (error) {
    if (!isPkiError(error)) throw error
    const help = !tolerant && isReadTolerantly(bytes) ? '; the compatibility cms-tolerant would let it pass' : ''
    throw invalid(`${error.message}${help}`, error)
  }
}

function isReadTolerantly(bytes: Uint8Array): boolean {
  try {
    parseMasterList(bytes, { tolerant: true })
    return true
  } catch (error) {
    if (!isPkiError(error)) throw error
    return false
  }
}

function readListed(der: Uint8Array): ReadListed {
  const fingerprint = sha256(der)
  try {
    return { fingerprint, der, certificate: parseCertificate(der), faults: [] }
  } catch (error) {
    if (!isPkiError(error)) throw error
    const faults = [{ code: error.code, message: error.message.slice(0, 300) }]
    return { fingerprint, der, certificate: undefined, faults }
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
