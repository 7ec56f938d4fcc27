import { constants, createHash, type KeyObject, publicDecrypt } from 'node:crypto'
import { readOid } from '../der/oid.ts'
import { parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { readSmallInteger } from '../der/values.ts'
import { isPkiError, PkiError } from '../errors.ts'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { type HashName, hashByName } from '../signature/hash-algorithms.ts'
import { importPublicKey } from '../signature/key-cache.ts'
import type { PublicKeyInfo } from '../signature/public-key.ts'
import { verifyPrepared } from '../signature/verify.ts'
import { bytesEqual } from '../x509/bytes.ts'
import { type IcaoFinding, icaoFinding } from './findings.ts'

export interface ActiveAuthenticationInput {
  /** EF.DG15 as read: the public key of the chip. Believe it only where passive authentication says that it was signed. */
  readonly dg15: Uint8Array
  /** EF.DG14 as read: names the hash of an ECDSA key. Not needed for RSA. */
  readonly dg14?: Uint8Array
  /** RND.IFD, the eight bytes that the chip was sent. A challenge that was used before proves nothing. */
  readonly challenge: Uint8Array
  /** What the chip answered to INTERNAL AUTHENTICATE. */
  readonly response: Uint8Array
}

export interface ActiveAuthenticationVerdict {
  /** The chip that answered has the private key to the public one in DG15. */
  readonly valid: boolean
  readonly findings: readonly IcaoFinding[]
}

/** Tags of EF.DG14 and EF.DG15 (Doc 9303-10 §4.7, Table 38). */
const efDg14 = 0x6e
const efDg15 = 0x6f

/** id-icao-mrtd-security-aaProtocolObject. */
const activeAuthenticationProtocol = '2.23.136.1.1.5'

/** ecdsa-plain-signatures of BSI TR-03111. Those with SHA-1 and RIPEMD-160 are left out: Doc 9303-11 §6.1.2.3 forbids them. */
const plainEcdsa: ReadonlyMap<string, HashName> = new Map([
  ['0.4.0.127.0.7.1.1.4.1.2', 'sha224'],
  ['0.4.0.127.0.7.1.1.4.1.3', 'sha256'],
  ['0.4.0.127.0.7.1.1.4.1.4', 'sha384'],
  ['0.4.0.127.0.7.1.1.4.1.5', 'sha512'],
])

/** Doc 9303-11 §6.1.2.2: option 1, one byte, is SHA-1; option 2 has a byte before 0xcc for each other hash. */
const trailers: ReadonlyMap<number, HashName> = new Map([
  [0x38, 'sha224'],
  [0x34, 'sha256'],
  [0x36, 'sha384'],
  [0x35, 'sha512'],
])

/** Partial recovery, no padding before the recoverable part: M1 fills the capacity of the signature (Doc 9303-11 §6.1.2.2). */
const header = 0x6a

/**
 * Active Authentication (ICAO Doc 9303-11 §6.1): whether the chip's answer to a challenge was made with the private key of DG15. RSA by
 * ISO/IEC 9796-2, scheme 1, with both ways of making a signature; ECDSA in the plain format, hashed as DG14 says.
 *
 * Guarantee: whatever the bytes hold, the answer is a verdict.
 *
 * @throws argument_invalid for a field that the input does not have, and for a challenge that is not of eight bytes
 */
export function verifyActiveAuthentication(input: ActiveAuthenticationInput): ActiveAuthenticationVerdict {
  refuseUnknown(activeAuthenticationInputFields, input)
  // Doc 9303-11 §6.1.2.1.
  if (input.challenge.length !== 8) {
    throw new PkiError('argument_invalid', `a challenge of ${input.challenge.length} bytes, not 8`)
  }
  try {
    const spki = parsedContent(input.dg15, efDg15, 'EF.DG15')
    const { info, key } = importPublicKey(spki.raw)
    const fault = info.type === 'ec' ? ecdsaFault(input, info, spki.raw) : rsaFault(input, info, key)
    if (fault === undefined) return { valid: true, findings: [] }
    return { valid: false, findings: [icaoFinding('active_authentication_failed', fault)] }
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { valid: false, findings: [icaoFinding('active_authentication_unreadable', error.message)] }
  }
}

function parsedContent(file: Uint8Array, tag: number, name: string) {
  const element = parseDer(file)
  if (element.tag !== tag) throw new PkiError('der_malformed', `${name} has another tag`)
  const fields = element.children()
  const content = fields.any()
  fields.finish()
  return content
}

/** ISO/IEC 9796-2, scheme 1, partial recovery: 6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer, of which M2 is the challenge. */
function rsaFault(
  { challenge, response }: ActiveAuthenticationInput,
  info: PublicKeyInfo,
  key: KeyObject,
): string | undefined {
  if (info.type !== 'rsa') throw new PkiError('key_malformed', `EF.DG15 has a key of type ${info.type}`)
  const { bits, modulus } = info
  if (bits % 8 !== 0)
    throw new PkiError('algorithm_unavailable', `an RSA modulus of ${bits} bits, no whole number of bytes`)
  if (response.length !== bits / 8) return `the answer has ${response.length} bytes, not ${bits / 8}`
  const recovered = recover(key, response, modulus)
  if (recovered === undefined) return 'the answer is no signature under the key in DG15'
  const last = recovered.length - 1
  const hash =
    recovered[last] === 0xbc ? 'sha1' : recovered[last] === 0xcc ? trailers.get(recovered[last - 1] ?? 0) : undefined
  if (recovered[0] !== header || hash === undefined) return 'the answer is no signature under the key in DG15'
  const end = recovered.length - (hash === 'sha1' ? 1 : 2)
  const start = end - hashByName(hash).size
  if (start < 2) return 'the key in DG15 is too short for the hash'
  const expected = createHash(hash).update(recovered.subarray(1, start)).update(challenge).digest()
  return bytesEqual(expected, recovered.subarray(start, end)) ? undefined : 'the answer is to another challenge'
}

/**
 * The recoverable octets. By ISO/IEC 9796-2 B.6 they are the signature to the public exponent; by B.4 they may be the modulus less that. They end
 * in the half byte C, which only one of the two can, as the modulus is odd.
 */
function recover(key: KeyObject, signature: Uint8Array, modulus: Uint8Array): Uint8Array | undefined {
  let opened: Buffer
  try {
    opened = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)
  } catch {
    // RFC 8017 §5.2.2 step 1: not below the modulus.
    return undefined
  }
  if (((opened.at(-1) ?? 0) & 0x0f) === 0x0c) return opened
  const rest = (number(modulus) - number(opened)).toString(16).padStart(2 * modulus.length, '0')
  const other = new Uint8Array(Buffer.from(rest, 'hex'))
  return ((other.at(-1) ?? 0) & 0x0f) === 0x0c ? other : undefined
}

const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** R ‖ S over the challenge alone (Doc 9303-11 §6.1.2.3). */
function ecdsaFault(
  { dg14, challenge, response }: ActiveAuthenticationInput,
  { bits }: Extract<PublicKeyInfo, { type: 'ec' }>,
  spki: Uint8Array,
): string | undefined {
  if (dg14 === undefined) throw new PkiError('key_malformed', 'the key in DG15 is one of ECDSA, whose hash DG14 names')
  const hash = hashOfDg14(dg14)
  if (8 * hashByName(hash).size > bits) return `${hash} is longer than the key in DG15, of ${bits} bits`
  const scheme = { kind: 'ecdsa', hash, encoding: 'p1363' } as const
  const { status } = verifyPrepared(scheme, {
    spki,
    data: challenge,
    signature: response,
    policy: { explicitCurves: true },
  })
  if (status === 'valid') return undefined
  if (status === 'unavailable') throw new PkiError('algorithm_unavailable', `ECDSA with ${hash}`)
  return 'the answer is no signature of the challenge under the key in DG15'
}

/** ActiveAuthenticationInfo among the SecurityInfos of EF.DG14 (Doc 9303-11 §9.2). */
function hashOfDg14(dg14: Uint8Array): HashName {
  const infos = parsedContent(dg14, efDg14, 'EF.DG14')
  if (infos.tag !== tags.SET) throw new PkiError('der_malformed', 'EF.DG14 holds no SET')
  for (const reader = infos.children(); !reader.done; ) {
    const info = reader.next(tags.SEQUENCE).children()
    if (readOid(info.next(tags.OID)) !== activeAuthenticationProtocol) continue
    const version = readSmallInteger(info.next(tags.INTEGER))
    if (version !== 1) throw new PkiError('der_malformed', `ActiveAuthenticationInfo of version ${version}`)
    const algorithm = readOid(info.next(tags.OID))
    info.finish()
    const hash = plainEcdsa.get(algorithm)
    if (hash === undefined) throw new PkiError('algorithm_unavailable', `Active Authentication by ${algorithm}`)
    return hash
  }
  throw new PkiError('der_malformed', 'EF.DG14 has no ActiveAuthenticationInfo')
}

export const activeAuthenticationInputFields = optionFields<ActiveAuthenticationInput>({
  dg15: 1,
  dg14: 1,
  challenge: 1,
  response: 1,
})
