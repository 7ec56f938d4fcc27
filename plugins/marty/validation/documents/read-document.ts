import { createHash } from 'node:crypto'
import { MmfError } from '@mmf/framework'
import { type IcaoCompatibility, readSodOfOneSigner, type Sod, stateInDg1 } from '@mmf/pki'
import { reading } from '../../certificates/certificate-text.ts'
import { bytesOf, chipOf, type DocumentInput } from './document-input.ts'
import type { PassiveAuthenticationRequest } from './document-schemas.ts'

type Presented = Pick<
  PassiveAuthenticationRequest,
  'sod' | 'dataGroups' | 'issuingState' | 'activeAuthentication' | 'compatibilities'
>

/**
 * A travel document as it was presented, its data groups hashed.
 * @param at what its place in the request is called, a dot at the end
 * @throws {MmfError} `sod_malformed`; `validation_failed` for a hash of another length than the security object's
 */
export function readDocument(request: Presented, at = ''): { readonly document: DocumentInput; readonly sod: Sod } {
  const bytes = bytesOf(request.sod)
  const compatibilities: readonly IcaoCompatibility[] = request.compatibilities ?? []
  const sod = reading('sod_malformed', `${at}sod`, () => readSodOfOneSigner(bytes, compatibilities))
  const { name, size } = sod.securityObject.hashAlgorithm
  const dataGroups = request.dataGroups.map(({ number, content, hash }, index) => {
    if (content !== undefined) {
      return { number, hash: new Uint8Array(createHash(name).update(bytesOf(content)).digest()) }
    }
    const given = bytesOf(hash ?? '', 'hex')
    if (given.length === size) return { number, hash: given }
    const path = `${at}dataGroups.${index}.hash`
    const message = `${given.length} bytes; the security object hashes with ${name}, ${size} bytes`
    throw new MmfError('validation_failed', { detail: `${path}: ${message}`, errors: [{ path, message }] })
  })
  const whole = (wanted: number) => {
    const content = request.dataGroups.find(({ number }) => number === wanted)?.content
    return content === undefined ? undefined : bytesOf(content)
  }
  const dg1 = whole(1)
  const document = {
    sod: bytes,
    dataGroups,
    askedState: request.issuingState,
    dg1: dg1 === undefined ? undefined : stateInDg1(dg1),
    activeAuthentication: chipAsked(request, whole, at),
    compatibilities,
  }
  return { document, sod }
}

/** @throws {MmfError} `validation_failed` where the key of the chip was not presented */
function chipAsked(
  { activeAuthentication: chip }: Presented,
  whole: (number: number) => Uint8Array | undefined,
  at: string,
) {
  if (chip === undefined) return undefined
  const dg15 = whole(15)
  if (dg15 !== undefined) {
    return chipOf(bytesOf(chip.challenge, 'hex'), bytesOf(chip.response), dg15, whole(14))
  }
  const path = `${at}activeAuthentication`
  const message = 'DG15 must be presented whole'
  throw new MmfError('validation_failed', { detail: `${path}: ${message}`, errors: [{ path, message }] })
}
