import { createHash } from 'node:crypto'
import { MmfError } from '@mmf/framework'
import { type IcaoCompatibility, isPkiError, issuingStateOfDg1, readSodOfOneSigner, type Sod } from '@mmf/pki'
import { reading } from '../../certificates/certificate-text.ts'
import type { DocumentInput } from './document-input.ts'
import type { PassiveAuthenticationRequest } from './document-schemas.ts'

type Presented = Pick<PassiveAuthenticationRequest, 'sod' | 'dataGroups' | 'issuingState' | 'compatibilities'>

/**
 * A travel document as it was presented, its data groups hashed.
 * @param at what its place in the request is called, a dot at the end
 * @throws {MmfError} `sod_malformed`; `validation_failed` for a hash of another length than the security object's
 */
export function readDocument(request: Presented, at = ''): { readonly document: DocumentInput; readonly sod: Sod } {
  const bytes = new Uint8Array(Buffer.from(request.sod, 'base64'))
  const compatibilities: readonly IcaoCompatibility[] = request.compatibilities ?? []
  const sod = reading('sod_malformed', `${at}sod`, () => readSodOfOneSigner(bytes, compatibilities))
  const { name, size } = sod.securityObject.hashAlgorithm
  const dataGroups = request.dataGroups.map(({ number, content, hash }, index) => {
    if (content !== undefined) {
      return { number, hash: new Uint8Array(createHash(name).update(Buffer.from(content, 'base64')).digest()) }
    }
    const given = new Uint8Array(Buffer.from(hash ?? '', 'hex'))
    if (given.length === size) return { number, hash: given }
    const path = `${at}dataGroups.${index}.hash`
    const message = `${given.length} bytes; the security object hashes with ${name}, ${size} bytes`
    throw new MmfError('validation_failed', { detail: `${path}: ${message}`, errors: [{ path, message }] })
  })
  const dg1 = request.dataGroups.find(({ number, content }) => number === 1 && content !== undefined)?.content
  const document = {
    sod: bytes,
    dataGroups,
    askedState: request.issuingState,
    dg1: dg1 === undefined ? undefined : stateOf(new Uint8Array(Buffer.from(dg1, 'base64'))),
    compatibilities,
  }
  return { document, sod }
}

function stateOf(dg1: Uint8Array): { readonly state: string } | { readonly unreadable: string } {
  try {
    return { state: issuingStateOfDg1(dg1) }
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { unreadable: error.message.slice(0, 300) }
  }
}
